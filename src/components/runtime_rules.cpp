// SPDX-License-Identifier: Apache-2.0
#include "components/runtime_rules.h"

#include <algorithm>
#include <map>

#include "components/presence.h"
#include "platform/json.h"
#include "platform/time_text.h"

namespace gpud {
namespace {

using containers::Container;
using containers::Runtime;

constexpr std::size_t kMostShown = 128;

Json Text(std::string_view text) { return {std::string(text)}; }

Json Describe(const Container& container) {
  Json::Object object{{"id", Text(container.id)},
                      {"name", Text(container.name)},
                      {"image", Text(container.image)},
                      {"created_at", {Seconds(container.created.time_since_epoch())}},
                      {"state", Text(container.state)}};
  if (!container.pod_name.empty()) {
    object.emplace_back("pod_name", Text(container.pod_name));
    object.emplace_back("pod_namespace", Text(container.pod_namespace));
  }
  if (container.restarts > 0) object.emplace_back("restarts", Json{container.restarts});
  if (container.unhealthy) object.emplace_back("unhealthy", Json{true});
  return {std::move(object)};
}

Json DescribePods(const Runtime& runtime) {
  Json::Array pods;
  for (const containers::Pod& pod : runtime.pods) {
    if (pods.size() == kMostShown) break;
    Json::Array its;
    for (const Container& container : runtime.containers) {
      if (container.sandbox == pod.id) its.push_back(Describe(container));
    }
    pods.push_back({Json::Object{{"id", Text(pod.id)},
                                 {"namespace", Text(pod.name_space)},
                                 {"name", Text(pod.name)},
                                 {"created_at", {Seconds(pod.created.time_since_epoch())}},
                                 {"state", Text(pod.ready ? "SANDBOX_READY" : "SANDBOX_NOTREADY")},
                                 {"containers", {std::move(its)}}}});
  }
  return {std::move(pods)};
}

/// As the original's, with what is left out where there is much of it.
std::string DataOf(const Inputs& in, const DaemonKind& kind, const Runtime& runtime) {
  Json::Object data;
  const std::string component(kind.component);
  if (runtime.daemon.answer) data.emplace_back("version", Text(*runtime.daemon.answer));
  if (const auto active = IsUnitActive(in, kind.unit)) {
    data.emplace_back(component + "_service_active", Json{*active});
  }
  if (!runtime.pods.empty()) {
    data.emplace_back("pods", DescribePods(runtime));
  } else if (!runtime.containers.empty()) {
    Json::Array shown;
    for (const Container& container : runtime.containers) {
      if (shown.size() == kMostShown) break;
      shown.push_back(Describe(container));
    }
    data.emplace_back("containers", Json{std::move(shown)});
  }
  const std::size_t many =
      std::max(runtime.pods.size(), runtime.pods.empty() ? runtime.containers.size() : 0);
  const std::size_t hidden = many - std::min(many, kMostShown) + runtime.left_out;
  if (hidden > 0) data.emplace_back("left_out", Json{std::uint64_t{hidden}});
  return JsonText({std::move(data)});
}

void AddSamples(const DaemonKind& kind, std::span<const MetricType> metrics, const Runtime& runtime,
                Report& report) {
  std::map<std::string, double> by_state, pods;
  double unhealthy = 0;
  for (const Container& container : runtime.containers) {
    by_state[container.state] += 1;
    if (container.unhealthy) unhealthy += 1;
  }
  for (const containers::Pod& pod : runtime.pods) pods[pod.ready ? "ready" : "not_ready"] += 1;
  const std::string component(kind.component);
  const auto listed = [&](const std::string& name) {
    return std::any_of(metrics.begin(), metrics.end(),
                       [&](const MetricType& metric) { return metric.name == name; });
  };
  const auto add = [&](const std::string& name, const std::map<std::string, double>& values) {
    for (const auto& [state, value] : values) {
      report.samples.push_back({.metric = name, .labels = {{"state", state}}, .value = value});
    }
  };
  add(component + "_containers", by_state);
  if (listed(component + "_pods")) add(component + "_pods", pods);
  if (listed(component + "_containers_unhealthy")) {
    report.samples.push_back({.metric = component + "_containers_unhealthy", .value = unhealthy});
  }
}

std::string GoodReason(const DaemonKind& kind, const Runtime& runtime) {
  const std::string process(kind.process);
  if (!runtime.daemon.running) {
    return process + " does not run; it is not asked, as its socket may start it";
  }
  if (runtime.daemon.answer) return "ok";
  if (runtime.daemon.answer.error().code == ErrorCode::kUnsupported) {
    return process + " runs without the interface for Kubernetes (CRI v1)";
  }
  return process + " is starting";
}

}  // namespace

Report CheckRuntime(const Inputs& in, const DaemonKind& kind, std::span<const MetricType> metrics,
                    const Result<const Runtime*>& now, const Runtime* before) {
  if (!now) return WithoutReading(kind.component, now.error());
  const Runtime& runtime = **now;
  Findings findings;
  const auto unknown =
      JudgeDaemon(in, kind, runtime.daemon, before ? &before->daemon : nullptr, findings);
  if (unknown) return Unreadable(kind.component, *unknown);
  Report report;
  report.states.push_back(findings.ToState(kind.component, GoodReason(kind, runtime)));
  report.states.front().extra_info["data"] = DataOf(in, kind, runtime);
  if (!runtime.daemon.running || !runtime.daemon.answer) return report;
  if (runtime.list_error) {
    report.states.push_back(
        Unreadable(std::string(kind.component) + "/containers", *runtime.list_error)
            .states.front());
    return report;
  }
  AddSamples(kind, metrics, runtime, report);
  return report;
}

}  // namespace gpud
