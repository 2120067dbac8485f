// SPDX-License-Identifier: Apache-2.0
// Memory of AMD's GPUs: how much memory there is, and how much is used.
#include "components/drm_gpu.h"
#include "sources/amdgpu/gpus.h"

namespace gpud::amd_memory {
namespace {

constexpr std::string_view kTags[] = {"accelerator", "gpu", "amd", "accelerator-amd-memory"};
constexpr const SourceType* kNeeds[] = {&amdgpu::kGpus};
constexpr MetricType kMetrics[] = {
    {"accelerator_amd_memory_total_bytes", "memory of the GPU (VRAM)"},
    {"accelerator_amd_memory_used_bytes", "what is in use of it"},
    {"accelerator_amd_memory_visible_total_bytes", "what of it the processor can reach"},
    {"accelerator_amd_memory_visible_used_bytes", "what is in use of that"},
    {"accelerator_amd_memory_host_total_bytes", "memory of the host that the GPU may use (GTT)"},
    {"accelerator_amd_memory_host_used_bytes", "what is in use of that"},
};
constexpr drm::Reading kReadings[] = {
    &drm::Gpu::memory_total_bytes, &drm::Gpu::memory_used_bytes, &drm::Gpu::visible_total_bytes,
    &drm::Gpu::visible_used_bytes, &drm::Gpu::host_total_bytes,  &drm::Gpu::host_used_bytes,
};
constexpr GpuCheck kCheck{
    .component = "accelerator-amd-memory",
    .pairs = AmdPairs,
    .metrics = kMetrics,
    .readings = kReadings,
    .list = "memories",
    .good = "memory of each AMD GPU was looked at",
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

}  // namespace gpud::amd_memory
