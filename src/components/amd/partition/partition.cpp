// SPDX-License-Identifier: Apache-2.0
// How AMD's GPUs are cut up into parts that look like GPUs of their own (MI300 on).
#include "components/drm_gpu.h"
#include "sources/amdgpu/gpus.h"

namespace gpud::amd_partition {
namespace {

constexpr std::string_view kName = "accelerator-amd-partition";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "amd", kName};
constexpr const SourceType* kNeeds[] = {&amdgpu::kGpus};
constexpr std::string_view kMode = "accelerator_amd_partition_mode";
constexpr MetricType kMetrics[] = {{kMode, "1 for the way in which the GPU is cut up"}};

Report Check(const Inputs& in) {
  constexpr GpuCheck kCheck{.component = kName,
                            .metrics = kMetrics,
                            .list = "gpus",
                            .good = "the partitions of each AMD GPU were looked at"};
  Report report = CheckGpus(in, kCheck);
  const auto& gpus = in.Latest<amdgpu::Gpus>();
  if (!gpus) return report;
  for (const amdgpu::Gpu& gpu : gpus->gpus) {
    AddUnreadable(report, std::string(kName) + "/" + gpu.base.bus_id, gpu.compute_partition);
    if (!gpu.compute_partition) continue;
    AddGpuSample(report, kMode, gpu.base, 1,
                 {{"compute", *gpu.compute_partition},
                  {"memory", gpu.memory_partition.value_or(std::string())}});
  }
  return report;
}

}  // namespace

extern constinit const ComponentType kType{
    .name = kName,
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .supported = AmdSupport,
    .check = Check,
};

}  // namespace gpud::amd_partition
