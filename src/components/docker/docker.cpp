// SPDX-License-Identifier: Apache-2.0
// Docker: does the daemon answer, and which containers are there?
#include "components/component.h"
#include "components/presence.h"
#include "components/runtime_rules.h"
#include "sources/systemd/units.h"

namespace gpud::docker {
namespace {

constexpr std::string_view kTags[] = {"container", "docker"};
constexpr const SourceType* kNeeds[] = {&containers::kDocker, &systemd::kUnits};
constexpr MetricType kMetrics[] = {
    {"docker_containers", "containers in each state, ended ones too"},
    {"docker_containers_unhealthy", "containers whose own check says that they are ill"},
};
constexpr DaemonKind kKind{.component = "docker", .process = "dockerd", .unit = "docker.service"};

}  // namespace

extern constinit const ComponentType kType{
    .name = "docker",
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .supported = [](const Inputs& in) { return SupportBy(in.Latest<containers::Docker>()); },
    .check = [](const Inputs& in) { return CheckRuntime<containers::Docker>(in, kKind, kMetrics); },
};

}  // namespace gpud::docker
