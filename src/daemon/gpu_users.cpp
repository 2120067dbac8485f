// SPDX-License-Identifier: Apache-2.0
#include "daemon/gpu_users.h"

#include <algorithm>

#include "sources/drm/clients.h"
#include "sources/nvml/processes.h"

namespace gpud::daemon {
namespace {

constexpr const SourceType* kSources[] = {&kubelet::kPodResources, &gpu::kProcesses};

bool IsOf(const gpu::Problem& problem, const gpu::Gpu& gpu) {
  return (!problem.vendor || problem.vendor == gpu.vendor) &&
         (problem.bus_id.empty() || problem.bus_id == gpu.bus_id);
}

}  // namespace

constinit const std::span<const SourceType* const> kGpuUserSources = kSources;

bool ListsGpuProcesses(const SourceType& source) {
  return &source == &nvml::kProcesses || &source == &drm::kClients;
}

void GpuUsers::Put(const Snapshot& snapshot) {
  if (snapshot.type == kubelet::kPodResources.snapshot) {
    const auto& pods = *static_cast<const Result<kubelet::PodResources>*>(snapshot.result.get());
    if (pods) {
      pods_ = *pods;
    } else if (pods.error().code == ErrorCode::kUnsupported) {
      pods_ = {};
    }  // else a kubelet that restarts: its pods still run
    return;
  }
  const auto& processes = *static_cast<const Result<gpu::Processes>*>(snapshot.result.get());
  if (processes) {
    Take(*processes);
  } else {
    gpu::Processes none{.problems = {{.what = processes.error().what}}};
    Take(std::move(none));
  }
}

void GpuUsers::Take(gpu::Processes now) {
  const std::vector<gpu::Gpu> read = now.gpus;
  const auto stays = [&](const gpu::Gpu& old) {
    const bool is_read = std::any_of(read.begin(), read.end(), [&](const gpu::Gpu& gpu) {
      return gpu.vendor == old.vendor && gpu.bus_id == old.bus_id;
    });
    return !is_read && std::any_of(now.problems.begin(), now.problems.end(),
                                   [&](const gpu::Problem& p) { return IsOf(p, old); });
  };
  std::copy_if(processes_.gpus.begin(), processes_.gpus.end(), std::back_inserter(now.gpus), stays);
  std::copy_if(processes_.processes.begin(), processes_.processes.end(),
               std::back_inserter(now.processes), stays);
  gpu::NamePods(pods_, now.processes);
  processes_ = std::move(now);
}

}  // namespace gpud::daemon
