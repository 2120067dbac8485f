// SPDX-License-Identifier: Apache-2.0
// CRI-O: does the daemon answer, and which pods are there?
#include "components/component.h"
#include "components/presence.h"
#include "components/runtime_rules.h"
#include "sources/systemd/units.h"

namespace gpud::crio {
namespace {

constexpr std::string_view kTags[] = {"container", "crio"};
constexpr const SourceType* kNeeds[] = {&containers::kCrio, &systemd::kUnits};
constexpr MetricType kMetrics[] = {
    {"crio_containers", "containers of pods in each state, ended ones too"},
    {"crio_pods", "pods that are ready, and others"},
};
constexpr DaemonKind kKind{.component = "crio", .process = "crio", .unit = "crio.service"};

}  // namespace

extern constinit const ComponentType kType{
    .name = "crio",
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .supported = [](const Inputs& in) { return SupportBy(in.Latest<containers::Crio>()); },
    .check = [](const Inputs& in) { return CheckRuntime<containers::Crio>(in, kKind, kMetrics); },
};

}  // namespace gpud::crio
