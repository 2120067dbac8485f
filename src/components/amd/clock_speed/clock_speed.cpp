// SPDX-License-Identifier: Apache-2.0
// Clock speed of AMD's GPUs: at which clocks it runs.
#include "components/drm_gpu.h"
#include "sources/amdgpu/gpus.h"

namespace gpud::amd_clock_speed {
namespace {

constexpr std::string_view kTags[] = {"accelerator", "gpu", "amd", "accelerator-amd-clock-speed"};
constexpr const SourceType* kNeeds[] = {&amdgpu::kGpus};
constexpr MetricType kMetrics[] = {
    {"accelerator_amd_clock_speed_graphics_mhz", "clock of the graphics part"},
    {"accelerator_amd_clock_speed_graphics_max_mhz", "the highest that it can"},
    {"accelerator_amd_clock_speed_memory_mhz", "clock of the memory"},
    {"accelerator_amd_clock_speed_memory_max_mhz", "the highest that it can"},
};
constexpr drm::Reading kReadings[] = {
    &drm::Gpu::graphics_clock_mhz,
    &drm::Gpu::graphics_clock_max_mhz,
    &drm::Gpu::memory_clock_mhz,
    &drm::Gpu::memory_clock_max_mhz,
};
constexpr GpuCheck kCheck{
    .component = "accelerator-amd-clock-speed",
    .pairs = AmdPairs,
    .metrics = kMetrics,
    .readings = kReadings,
    .list = "clock_speeds",
    .good = "clocks of each AMD GPU were looked at",
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

}  // namespace gpud::amd_clock_speed
