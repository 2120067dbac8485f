// SPDX-License-Identifier: Apache-2.0
// Temperature of AMD's GPUs: is it near its limits, or so hot that it runs slower?
#include <iterator>

#include "components/amd/throttling.h"
#include "components/drm_gpu.h"
#include "sources/amdgpu/gpus.h"

namespace gpud::amd_temperature {
namespace {

constexpr std::string_view kTags[] = {"accelerator", "gpu", "amd", "accelerator-amd-temperature"};
constexpr const SourceType* kNeeds[] = {&amdgpu::kGpus};
constexpr std::string_view kThrottledPercent = "accelerator_amd_temperature_throttled_percent";
constexpr MetricType kMetrics[] = {
    {"accelerator_amd_temperature_current_celsius", "temperature at the edge of the chip"},
    {"accelerator_amd_temperature_threshold_celsius", "limit of it"},
    {"accelerator_amd_temperature_hotspot_celsius", "temperature of the hottest spot"},
    {"accelerator_amd_temperature_hotspot_threshold_celsius", "limit of it"},
    {"accelerator_amd_temperature_current_hbm_celsius", "temperature of the memory"},
    {"accelerator_amd_temperature_hbm_threshold_celsius", "limit of it"},
    {"accelerator_amd_temperature_fan_rpm", "turns of the fan a minute"},
    {"accelerator_amd_temperature_thermal_throttled", "1 while heat holds the clocks down"},
};
constexpr drm::Reading kReadings[] = {
    &drm::Gpu::celsius,         &drm::Gpu::celsius_crit,
    &drm::Gpu::hotspot_celsius, &drm::Gpu::hotspot_celsius_crit,
    &drm::Gpu::memory_celsius,  &drm::Gpu::memory_celsius_crit,
    &drm::Gpu::fan_rpm,         &drm::Gpu::thermal_throttled,
};
constexpr GpuCheck kCheck{
    .component = "accelerator-amd-temperature",
    .pairs = AmdPairs,
    .metrics = kMetrics,
    .readings = kReadings,
    .list = "temperatures",
    .good = "no AMD GPU is too hot",
    .judge = JudgeTemperature,
};

Report Check(const Inputs& in) {
  constexpr double kMuchPercent = 10;
  Findings findings;
  Report shares;
  for (const Throttling& gpu : ThrottlingSince(in, &amdgpu::Metrics::thermal_ticks)) {
    AddGpuSample(shares, kThrottledPercent, gpu.gpu->base, gpu.percent);
    if (gpu.percent < kMuchPercent) continue;
    findings.Add(Health::kDegraded, GpuText(gpu.gpu->base) + " is so hot that it runs slower",
                 Advice::kCheckCooling);
  }
  Report report = CheckGpus(in, kCheck, std::move(findings));
  std::move(shares.samples.begin(), shares.samples.end(), std::back_inserter(report.samples));
  return report;
}

}  // namespace

extern constinit const ComponentType kType{
    .name = kCheck.component,
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .period = std::chrono::seconds(15),
    .supported = AmdSupport,
    .check = Check,
};

}  // namespace gpud::amd_temperature
