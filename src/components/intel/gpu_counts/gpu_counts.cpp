// SPDX-License-Identifier: Apache-2.0
// How many GPUs of Intel's there are: is each one on the PCI bus driven?
#include "components/drm_gpu.h"
#include "sources/intel_gpu/gpus.h"

namespace gpud::intel_gpu_counts {
namespace {

constexpr std::string_view kName = "accelerator-intel-gpu-counts";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "intel", kName};
constexpr const SourceType* kNeeds[] = {&intel_gpu::kGpus};
constexpr MetricType kMetrics[] = {
    {"accelerator_intel_gpu_counts_driven", "GPUs that have a driver"},
    {"accelerator_intel_gpu_counts_undriven", "GPUs on the PCI bus that have none of ours"},
};
constexpr GpuCheck kCheck{.component = kName,
                          .pairs = IntelPairs,
                          .metrics = kMetrics,
                          .list = "gpus",
                          .good = "each Intel GPU that is ours has a driver"};

Report Check(const Inputs& in) {
  return CheckCounts(in, kCheck, in.Latest<intel_gpu::Gpus>(), "i915 or xe");
}

}  // namespace

extern constinit const ComponentType kType{
    .name = kName,
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .supported = IntelSupport,
    .check = Check,
};

}  // namespace gpud::intel_gpu_counts
