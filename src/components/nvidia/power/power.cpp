// SPDX-License-Identifier: Apache-2.0
// NVIDIA power: what the GPUs draw, and what they may.
#include <cmath>
#include <map>

#include "components/nvidia/gpu_report.h"

namespace gpud::nvidia_power {
namespace {

using nvidia::GpuId;
using nvml::GpuActivity;

constexpr std::string_view kName = "accelerator-nvidia-power";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia", kName};
constexpr const SourceType* kNeeds[] = {&nvml::kActivity, &nvml::kDevices};
constexpr nvidia::Gauge<GpuActivity> kRows[] = {
    {"accelerator_nvidia_power_current_usage_milli_watts", "power drawn now", "usage_milli_watts",
     "get_power_usage_supported", &GpuActivity::power_mw},
    {"accelerator_nvidia_power_enforced_limit_milli_watts", "power limit that holds now",
     "enforced_limit_milli_watts", "get_power_limit_supported",
     &GpuActivity::power_limit_enforced_mw},
    {"", "", "management_limit_milli_watts", "get_power_management_limit_supported",
     &GpuActivity::power_limit_mw},
    {"accelerator_nvidia_power_max_usage_milli_watts",
     "highest power since the reading before, of the driver's own samples", "max_usage_milli_watts",
     "", &GpuActivity::power_max_mw},
    {"accelerator_nvidia_power_energy_joules_total", "energy used since the driver was loaded",
     "energy_milli_joules", "", &GpuActivity::energy_mj, 1e-3, MetricKind::kCounter},
};
constexpr std::string_view kUsedPercent = "accelerator_nvidia_power_used_percent";
constexpr auto kMetrics =
    nvidia::MetricsOf<kRows>(MetricType{kUsedPercent, "power drawn, of the limit that holds"});

void AddUsedPercent(nvidia::GpuReport& report, const GpuActivity& gpu, Json::Object& row) {
  const double enforced = gpu.power_limit_enforced_mw.value_or(0);
  const double limit = enforced > 0 ? enforced : gpu.power_limit_mw.value_or(0);
  if (!gpu.power_mw || limit <= 0) return;
  const double percent = std::round(*gpu.power_mw / limit * 1e4) / 1e2;
  report.Sample(kUsedPercent, GpuId(gpu), percent);
  row.emplace_back("used_percent", nvidia::PercentText(percent));
}

/// A limit below the board's own is a site's choice when all have it; one GPU with a limit below
/// that of its like slows down the jobs that use it with them.
void JudgeLimits(nvidia::GpuReport& report, const nvml::Activity& activity) {
  const auto* devices = report.Beside<nvml::Devices>();
  if (!devices) return;
  std::map<std::string, std::uint32_t> highest;  // by product
  for (const GpuActivity& gpu : activity.gpus) {
    const auto* device = nvidia::FindGpu(devices, gpu.bus_id);
    if (!device || !device->name || !gpu.power_limit_mw) continue;
    std::uint32_t& limit = highest[*device->name];
    limit = std::max(limit, *gpu.power_limit_mw);
  }
  bool lowered = false;
  for (const GpuActivity& gpu : activity.gpus) {
    const auto* device = nvidia::FindGpu(devices, gpu.bus_id);
    if (!device || !device->name || !gpu.power_limit_mw || !device->power_limit_default_mw ||
        *gpu.power_limit_mw >= *device->power_limit_default_mw) {
      continue;
    }
    lowered = true;
    if (*gpu.power_limit_mw == highest[*device->name]) continue;
    report.Find(Health::kDegraded, GpuId(gpu),
                "has a power limit below its default, and below that of others of its kind",
                Advice::kInvestigateSoftware);
  }
  if (lowered) report.Note("power limits are set below the default");
}

void Judge(nvidia::GpuReport& report) {
  const auto* activity = report.Take<nvml::Activity>();
  if (!activity) return;
  Json::Array rows;
  for (const GpuActivity& gpu : activity->gpus) {
    Json::Object row = nvidia::RowOf(GpuId(gpu));
    report.Sample<GpuActivity>(GpuId(gpu), gpu, kRows, row);
    AddUsedPercent(report, gpu, row);
    rows.push_back({std::move(row)});
  }
  JudgeLimits(report, *activity);
  report.Done("power of all GPUs is as set", {{"powers", {std::move(rows)}}});
}

}  // namespace

extern constinit const ComponentType kType{
    .name = kName,
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .supported = nvidia::SupportOf<kName, Judge>,
    .check = nvidia::CheckOf<kName, Judge>,
};

}  // namespace gpud::nvidia_power
