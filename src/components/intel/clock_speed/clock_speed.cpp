// SPDX-License-Identifier: Apache-2.0
// Clock speed of Intel's GPUs: at which clocks it runs.
#include "components/drm_gpu.h"
#include "sources/intel_gpu/gpus.h"

namespace gpud::intel_clock_speed {
namespace {

constexpr std::string_view kTags[] = {"accelerator", "gpu", "intel",
                                      "accelerator-intel-clock-speed"};
constexpr const SourceType* kNeeds[] = {&intel_gpu::kGpus};
constexpr MetricType kMetrics[] = {
    {"accelerator_intel_clock_speed_graphics_mhz", "clock of the graphics part"},
    {"accelerator_intel_clock_speed_graphics_max_mhz", "the highest that it can"},
};
constexpr drm::Reading kReadings[] = {
    &drm::Gpu::graphics_clock_mhz,
    &drm::Gpu::graphics_clock_max_mhz,
};
constexpr GpuCheck kCheck{
    .component = "accelerator-intel-clock-speed",
    .pairs = IntelPairs,
    .metrics = kMetrics,
    .readings = kReadings,
    .list = "clock_speeds",
    .good = "clocks of each Intel GPU were looked at",
};

}  // namespace

extern constinit const ComponentType kType{
    .name = kCheck.component,
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .period = std::chrono::seconds(15),
    .supported = IntelSupport,
    .check = [](const Inputs& in) { return CheckGpus(in, kCheck); },
};

}  // namespace gpud::intel_clock_speed
