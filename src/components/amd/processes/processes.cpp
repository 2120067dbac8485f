// SPDX-License-Identifier: Apache-2.0
// Which processes use AMD's GPUs. Who they are is told by `gpud ps`.
#include "components/gpu_users.h"
#include "sources/amdgpu/gpus.h"

namespace gpud::amd_processes {
namespace {

constexpr std::string_view kName = "accelerator-amd-processes";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "amd", kName};
constexpr const SourceType* kNeeds[] = {&amdgpu::kGpus, &drm::kClients};
constexpr UsersCheck kCheck{.component = kName,
                            .running = "accelerator_amd_processes_running",
                            .memory = "accelerator_amd_processes_memory_bytes",
                            .good = "the users of each AMD GPU were looked for"};
constexpr MetricType kMetrics[] = {
    {kCheck.running, "processes that have the GPU open"},
    {kCheck.memory, "what they hold of its memory, together"},
};

Report Check(const Inputs& in) {
  const auto& gpus = in.Latest<amdgpu::Gpus>();
  return CheckUsers(in, kCheck, gpus.map([](const amdgpu::Gpus& all) {
    std::vector<UsedGpu> used;
    for (const amdgpu::Gpu& gpu : all.gpus) {
      used.push_back({.gpu = &gpu.base});
      for (const amdgpu::ComputeProcess& process :
           gpu.processes.value_or(std::vector<amdgpu::ComputeProcess>())) {
        used.back().computing[process.pid] = process.memory_bytes;
      }
      if (!gpu.processes) used.back().unread = gpu.processes.error();
    }
    return used;
  }));
}

}  // namespace

extern constinit const ComponentType kType{
    .name = kName,
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .period = std::chrono::seconds(15),
    .supported = AmdSupport,
    .check = Check,
};

}  // namespace gpud::amd_processes
