// SPDX-License-Identifier: Apache-2.0
// How many GPUs of AMD's there are: is each one on the PCI bus driven?
#include "components/drm_gpu.h"
#include "sources/amdgpu/gpus.h"

namespace gpud::amd_gpu_counts {
namespace {

constexpr std::string_view kName = "accelerator-amd-gpu-counts";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "amd", kName};
constexpr const SourceType* kNeeds[] = {&amdgpu::kGpus};
constexpr MetricType kMetrics[] = {
    {"accelerator_amd_gpu_counts_driven", "GPUs that have a driver"},
    {"accelerator_amd_gpu_counts_undriven", "GPUs on the PCI bus that have none of ours"},
};
constexpr GpuCheck kCheck{.component = kName,
                          .pairs = AmdPairs,
                          .metrics = kMetrics,
                          .list = "gpus",
                          .good = "each AMD GPU that is ours has a driver"};

Report Check(const Inputs& in) {
  return CheckCounts(in, kCheck, in.Latest<amdgpu::Gpus>(), "amdgpu");
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

}  // namespace gpud::amd_gpu_counts
