// SPDX-License-Identifier: Apache-2.0
// Kubelet: does it run and say that it is well, and how are its pods?
#include "components/component.h"
#include "components/daemon_rules.h"
#include "components/presence.h"
#include "sources/kubelet/health.h"
#include "sources/systemd/units.h"

namespace gpud::kubelet {
namespace {

constexpr std::string_view kTags[] = {"container", "kubelet"};
constexpr const SourceType* kNeeds[] = {&kKubelet, &systemd::kUnits};
constexpr MetricType kMetrics[] = {
    {"kubelet_pods", "pods of this node in each phase"},
    {"kubelet_containers_crash_looping", "containers that wait as they end again and again"},
    {"kubelet_container_restarts", "restarts of the containers that are there now"},
};
constexpr DaemonKind kKind{.component = "kubelet", .process = "kubelet", .unit = "kubelet.service"};

std::string GoodReason(const Kubelet& kubelet) {
  if (!kubelet.daemon.running) return "the kubelet does not run";
  if (kubelet.health_off) return "the kubelet runs; it serves no /healthz";
  return kubelet.daemon.answer ? "ok" : "the kubelet is starting";
}

void AddSamples(const PodCounts& pods, Report& report) {
  for (const auto& [phase, count] : pods.by_phase) {
    report.samples.push_back({.metric = "kubelet_pods",
                              .labels = {{"phase", phase}},
                              .value = static_cast<double>(count)});
  }
  report.samples.push_back({.metric = "kubelet_containers_crash_looping",
                            .value = static_cast<double>(pods.containers_crash_looping)});
  report.samples.push_back({.metric = "kubelet_container_restarts",
                            .value = static_cast<double>(pods.container_restarts)});
}

Report Check(const Inputs& in) {
  const auto& kubelet = in.Latest<Kubelet>();
  if (!kubelet) return WithoutReading("kubelet", kubelet.error());
  Findings findings;
  if (!kubelet->health_off || !kubelet->daemon.running) {
    const auto* const before = in.Previous<Kubelet>();
    const auto unknown =
        JudgeDaemon(in, kKind, kubelet->daemon, before ? &before->daemon : nullptr, findings);
    if (unknown) return Unreadable("kubelet", *unknown);
  }
  Report report;
  report.states.push_back(findings.ToState("kubelet", GoodReason(*kubelet)));
  if (!kubelet->pods) return report;
  AddUnreadable(report, "kubelet/pods", *kubelet->pods);
  if (*kubelet->pods) AddSamples(**kubelet->pods, report);
  return report;
}

}  // namespace

extern constinit const ComponentType kType{
    .name = "kubelet",
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .supported = [](const Inputs& in) { return SupportBy(in.Latest<Kubelet>()); },
    .check = Check,
};

}  // namespace gpud::kubelet
