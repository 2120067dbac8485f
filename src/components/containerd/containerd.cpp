// SPDX-License-Identifier: Apache-2.0
// containerd: does the daemon answer, and which pods are there?
#include "components/component.h"
#include "components/presence.h"
#include "components/runtime_rules.h"
#include "sources/systemd/units.h"

namespace gpud::containerd {
namespace {

constexpr std::string_view kTags[] = {"container", "containerd"};
constexpr const SourceType* kNeeds[] = {&containers::kContainerd, &systemd::kUnits};
constexpr MetricType kMetrics[] = {
    {"containerd_containers", "containers of pods in each state, ended ones too"},
    {"containerd_pods", "pods that are ready, and others"},
};
constexpr DaemonKind kKind{
    .component = "containerd", .process = "containerd", .unit = "containerd.service"};

}  // namespace

extern constinit const ComponentType kType{
    .name = "containerd",
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .supported = [](const Inputs& in) { return SupportBy(in.Latest<containers::Containerd>()); },
    .check =
        [](const Inputs& in) { return CheckRuntime<containers::Containerd>(in, kKind, kMetrics); },
};

}  // namespace gpud::containerd
