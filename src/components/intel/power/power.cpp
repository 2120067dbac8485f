// SPDX-License-Identifier: Apache-2.0
// Power of Intel's GPUs: what it draws, and what it may.
#include "components/drm_gpu.h"
#include "sources/intel_gpu/gpus.h"

namespace gpud::intel_power {
namespace {

constexpr std::string_view kTags[] = {"accelerator", "gpu", "intel", "accelerator-intel-power"};
constexpr const SourceType* kNeeds[] = {&intel_gpu::kGpus};
constexpr std::string_view kUsage = "accelerator_intel_power_current_usage_milli_watts";
constexpr MetricType kMetrics[] = {
    {"accelerator_intel_power_limit_milli_watts", "power limit as it is set"},
    {"accelerator_intel_power_default_limit_milli_watts",
     "power limit of the board as it was made"},
    {"accelerator_intel_power_throttled", "1 while a limit of power holds the clocks down"},
    {"accelerator_intel_power_energy_milli_joules_total", "energy used since the driver was loaded",
     MetricKind::kCounter},
    {kUsage, "power drawn since the check before"},
};
constexpr drm::Reading kReadings[] = {
    &drm::Gpu::power_limit_mw,
    &drm::Gpu::power_limit_default_mw,
    &drm::Gpu::power_throttled,
    &drm::Gpu::energy_mj,
};
constexpr GpuCheck kCheck{
    .component = "accelerator-intel-power",
    .pairs = IntelPairs,
    .metrics = kMetrics,
    .readings = kReadings,
    .list = "powers",
    .good = "power of each Intel GPU was looked at",
};

/// The drivers count energy and do not tell power.
Report Check(const Inputs& in) {
  Report report = CheckGpus(in, kCheck);
  const std::chrono::duration<double> elapsed = in.Elapsed<intel_gpu::Gpus>();
  const auto pairs = IntelPairs(in);
  if (!pairs || elapsed.count() <= 0) return report;
  for (const GpuPair& gpu : *pairs) {
    if (!gpu.before || !gpu.now->energy_mj || !gpu.before->energy_mj) continue;
    const double used = *gpu.now->energy_mj - *gpu.before->energy_mj;
    if (used >= 0) AddGpuSample(report, kUsage, *gpu.now, used / elapsed.count());
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
    .supported = IntelSupport,
    .check = Check,
};

}  // namespace gpud::intel_power
