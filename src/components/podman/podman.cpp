// SPDX-License-Identifier: Apache-2.0
// Podman: does the daemon answer, and which containers are there?
#include "components/component.h"
#include "components/presence.h"
#include "components/runtime_rules.h"
#include "sources/systemd/units.h"

namespace gpud::podman {
namespace {

constexpr std::string_view kTags[] = {"container", "podman"};
constexpr const SourceType* kNeeds[] = {&containers::kPodman, &systemd::kUnits};
constexpr MetricType kMetrics[] = {
    {"podman_containers", "containers in each state, ended ones too"},
    {"podman_containers_unhealthy", "containers whose own check says that they are ill"},
};
constexpr DaemonKind kKind{.component = "podman", .process = "podman", .unit = "podman.service"};

}  // namespace

extern constinit const ComponentType kType{
    .name = "podman",
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .supported = [](const Inputs& in) { return SupportBy(in.Latest<containers::Podman>()); },
    .check = [](const Inputs& in) { return CheckRuntime<containers::Podman>(in, kKind, kMetrics); },
};

}  // namespace gpud::podman
