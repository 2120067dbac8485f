// SPDX-License-Identifier: Apache-2.0
// Memory of Intel's GPUs: how much memory there is, and how much is used.
#include "components/gpu_users.h"
#include "sources/intel_gpu/gpus.h"

namespace gpud::intel_memory {
namespace {

constexpr std::string_view kTags[] = {"accelerator", "gpu", "intel", "accelerator-intel-memory"};
constexpr const SourceType* kNeeds[] = {&intel_gpu::kGpus, &drm::kClients};
constexpr std::string_view kUsed = "accelerator_intel_memory_used_bytes";
constexpr MetricType kMetrics[] = {
    {"accelerator_intel_memory_total_bytes", "memory of the GPU (VRAM)"},
    {kUsed, "what the programs that have it open use of it"},
};
constexpr drm::Reading kReadings[] = {
    &drm::Gpu::memory_total_bytes,
};
constexpr GpuCheck kCheck{
    .component = "accelerator-intel-memory",
    .pairs = IntelPairs,
    .metrics = kMetrics,
    .readings = kReadings,
    .list = "memories",
    .good = "memory of each Intel GPU was looked at",
};

Report Check(const Inputs& in) {
  Report report = CheckGpus(in, kCheck);
  const auto& clients = in.Latest<drm::Clients>();
  AddUnreadable(report, "accelerator-intel-memory/clients", clients);
  const auto pairs = IntelPairs(in);
  if (!clients || !pairs) return report;
  for (const GpuPair& gpu : *pairs) {
    if (gpu.now->integrated) continue;  // it has no memory of its own
    const GpuUsers users = UsersOf(*clients, *gpu.now);
    std::uint64_t used = 0;
    for (const auto& [pid, bytes] : users) used += bytes;
    AddGpuSample(report, kUsed, *gpu.now, static_cast<double>(used));
  }
  return report;
}

}  // namespace

extern constinit const ComponentType kType{
    .name = kCheck.component,
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .period = std::chrono::seconds(15),
    .supported = IntelSupport,
    .check = Check,
};

}  // namespace gpud::intel_memory
