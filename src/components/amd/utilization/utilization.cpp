// SPDX-License-Identifier: Apache-2.0
// Utilization of AMD's GPUs: how much of the time they work.
#include "components/drm_gpu.h"
#include "sources/amdgpu/gpus.h"

namespace gpud::amd_utilization {
namespace {

constexpr std::string_view kTags[] = {"accelerator", "gpu", "amd", "accelerator-amd-utilization"};
constexpr const SourceType* kNeeds[] = {&amdgpu::kGpus};
constexpr MetricType kMetrics[] = {
    {"accelerator_amd_utilization_gpu_util_percent", "share of time with work"},
    {"accelerator_amd_utilization_memory_util_percent",
     "share of time in which the memory controller works"},
};
constexpr drm::Reading kReadings[] = {&drm::Gpu::gpu_percent, &drm::Gpu::memory_percent};
constexpr GpuCheck kCheck{
    .component = "accelerator-amd-utilization",
    .pairs = AmdPairs,
    .metrics = kMetrics,
    .readings = kReadings,
    .list = "utilizations",
    .good = "work of each AMD GPU was looked at",
};

}  // namespace

extern constinit const ComponentType kType{
    .name = kCheck.component,
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .period = std::chrono::seconds(15),
    .supported = AmdSupport,
    .check = [](const Inputs& in) { return CheckGpus(in, kCheck); },
};

}  // namespace gpud::amd_utilization
