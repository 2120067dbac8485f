// SPDX-License-Identifier: Apache-2.0
// Which processes use Intel's GPUs. Who they are is told by `gpud ps`.
#include "components/gpu_users.h"
#include "sources/intel_gpu/gpus.h"

namespace gpud::intel_processes {
namespace {

constexpr std::string_view kName = "accelerator-intel-processes";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "intel", kName};
constexpr const SourceType* kNeeds[] = {&intel_gpu::kGpus, &drm::kClients};
constexpr UsersCheck kCheck{.component = kName,
                            .running = "accelerator_intel_processes_running",
                            .memory = "accelerator_intel_processes_memory_bytes",
                            .good = "the users of each Intel GPU were looked for"};
constexpr MetricType kMetrics[] = {
    {kCheck.running, "processes that have the GPU open"},
    {kCheck.memory, "what they hold of its memory, together"},
};

Report Check(const Inputs& in) {
  const auto& gpus = in.Latest<intel_gpu::Gpus>();
  return CheckUsers(in, kCheck, gpus.map([](const intel_gpu::Gpus& all) {
    std::vector<UsedGpu> used;
    for (const intel_gpu::Gpu& gpu : all.gpus) {
      used.push_back({.gpu = &gpu.base});
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
    .supported = IntelSupport,
    .check = Check,
};

}  // namespace gpud::intel_processes
