// SPDX-License-Identifier: Apache-2.0
// Temperature of Intel's GPUs: is it near its limits, or so hot that it runs slower?
#include "components/drm_gpu.h"
#include "sources/intel_gpu/gpus.h"

namespace gpud::intel_temperature {
namespace {

constexpr std::string_view kTags[] = {"accelerator", "gpu", "intel",
                                      "accelerator-intel-temperature"};
constexpr const SourceType* kNeeds[] = {&intel_gpu::kGpus};
constexpr MetricType kMetrics[] = {
    {"accelerator_intel_temperature_current_celsius", "temperature of the package"},
    {"accelerator_intel_temperature_threshold_celsius", "limit of it"},
    {"accelerator_intel_temperature_current_hbm_celsius", "temperature of the memory"},
    {"accelerator_intel_temperature_hbm_threshold_celsius", "limit of it"},
    {"accelerator_intel_temperature_fan_rpm", "turns of the fan a minute"},
    {"accelerator_intel_temperature_thermal_throttled", "1 while heat holds the clocks down"},
};
constexpr drm::Reading kReadings[] = {
    &drm::Gpu::celsius,        &drm::Gpu::celsius_crit,
    &drm::Gpu::memory_celsius, &drm::Gpu::memory_celsius_crit,
    &drm::Gpu::fan_rpm,        &drm::Gpu::thermal_throttled,
};
constexpr GpuCheck kCheck{
    .component = "accelerator-intel-temperature",
    .pairs = IntelPairs,
    .metrics = kMetrics,
    .readings = kReadings,
    .list = "temperatures",
    .good = "no Intel GPU is too hot",
    .judge = JudgeTemperature,
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

}  // namespace gpud::intel_temperature
