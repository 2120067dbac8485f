// SPDX-License-Identifier: Apache-2.0
// Power of AMD's GPUs: what it draws, and what it may.
#include "components/amd/throttling.h"
#include "components/drm_gpu.h"
#include "sources/amdgpu/gpus.h"

namespace gpud::amd_power {
namespace {

constexpr std::string_view kTags[] = {"accelerator", "gpu", "amd", "accelerator-amd-power"};
constexpr const SourceType* kNeeds[] = {&amdgpu::kGpus};
constexpr std::string_view kThrottledPercent = "accelerator_amd_power_throttled_percent";
constexpr MetricType kMetrics[] = {
    {"accelerator_amd_power_current_usage_milli_watts", "power drawn"},
    {"accelerator_amd_power_limit_milli_watts", "power limit as it is set"},
    {"accelerator_amd_power_default_limit_milli_watts", "power limit of the board as it was made"},
    {"accelerator_amd_power_max_limit_milli_watts", "the highest power limit that can be set"},
    {"accelerator_amd_power_throttled", "1 while a limit of power holds the clocks down"},
    {"accelerator_amd_power_energy_milli_joules_total", "energy used since the driver was loaded",
     MetricKind::kCounter},
    {kThrottledPercent, "share of the time since the check before in which power held clocks down"},
};
constexpr drm::Reading kReadings[] = {
    &drm::Gpu::power_mw,           &drm::Gpu::power_limit_mw,  &drm::Gpu::power_limit_default_mw,
    &drm::Gpu::power_limit_max_mw, &drm::Gpu::power_throttled, &drm::Gpu::energy_mj,
};
constexpr GpuCheck kCheck{
    .component = "accelerator-amd-power",
    .pairs = AmdPairs,
    .metrics = kMetrics,
    .readings = kReadings,
    .list = "powers",
    .good = "power of each AMD GPU was looked at",
};

Report Check(const Inputs& in) {
  Report report = CheckGpus(in, kCheck);
  for (const Throttling& gpu : ThrottlingSince(in, &amdgpu::Metrics::power_ticks)) {
    AddGpuSample(report, kThrottledPercent, gpu.gpu->base, gpu.percent);
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
    .supported = AmdSupport,
    .check = Check,
};

}  // namespace gpud::amd_power
