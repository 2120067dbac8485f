// SPDX-License-Identifier: Apache-2.0
// NVIDIA temperature: is a GPU or its memory hotter than it may be?
#include "components/nvidia/gpu_report.h"
#include "components/settings.h"

namespace gpud::nvidia_temperature {
namespace {

using nvidia::GpuId;
using nvml::Device;
using nvml::GpuActivity;

constexpr std::string_view kName = "accelerator-nvidia-temperature";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia", kName};
constexpr const SourceType* kNeeds[] = {&nvml::kActivity, &nvml::kDevices};
constexpr nvidia::Gauge<GpuActivity> kRows[] = {
    {"accelerator_nvidia_temperature_current_celsius", "of the GPU", "current_celsius_gpu_core", "",
     &GpuActivity::celsius},
    {"accelerator_nvidia_temperature_current_hbm_celsius", "of the memory", "current_celsius_hbm",
     "hbm_temperature_supported", &GpuActivity::memory_celsius},
    {"accelerator_nvidia_temperature_margin_celsius", "to the nearest slowdown",
     "threshold_celsius_slowdown_margin", "margin_temperature_supported",
     &GpuActivity::margin_celsius},
    {"accelerator_nvidia_temperature_fan_percent", "speed that the fan is told to run at",
     "fan_percent", "", &GpuActivity::fan_percent},
};
constexpr nvidia::Gauge<Device> kLimits[] = {
    {"accelerator_nvidia_temperature_slowdown_threshold_celsius", "at which hardware slows down",
     "threshold_celsius_slowdown", "", &Device::slowdown_celsius},
    {"accelerator_nvidia_temperature_mem_max_threshold_celsius", "highest of the memory",
     "threshold_celsius_mem_max", "", &Device::memory_max_celsius},
    {"", "", "threshold_celsius_shutdown", "", &Device::shutdown_celsius},
    {"", "", "threshold_celsius_gpu_max", "", &Device::gpu_max_celsius},
};
constexpr std::string_view kOfSlowdown = "accelerator_nvidia_temperature_slowdown_used_percent";
constexpr std::string_view kOfMemoryMax = "accelerator_nvidia_temperature_mem_max_used_percent";
constexpr auto kLimitMetrics = nvidia::MetricsOf<kLimits>();
constexpr auto kMetrics =
    nvidia::MetricsOf<kRows>(kLimitMetrics[0], kLimitMetrics[1],
                             MetricType{kOfSlowdown, "of the GPU, of the slowdown temperature"},
                             MetricType{kOfMemoryMax, "of the memory, of its highest temperature"});

struct Thresholds {
  std::int64_t celsius_slowdown_margin = 0;  ///< 0: off

  static constexpr auto Fields() {
    return std::tuple{Field{"celsius_slowdown_margin", &Thresholds::celsius_slowdown_margin}};
  }
};

using Celsius = Result<std::int32_t>;

/// A share of a limit, as a metric and in `data`.
void AddShare(nvidia::GpuReport& report, const GpuId& id, const Celsius& value,
              const Celsius& limit, std::string_view metric, const char* field, Json::Object& row) {
  if (!value || limit.value_or(0) <= 0) return;
  const double percent = 100.0 * *value / *limit;
  if (!metric.empty()) report.Sample(metric, id, percent);
  row.emplace_back(field, nvidia::PercentText(percent));
}

bool IsAbove(const Celsius& value, const Celsius& limit) {
  return value && limit.value_or(0) > 0 && *value > *limit;
}

/// Slowed down for its heat. Some boards (H100) tell a margin of zero or less while they are cool,
/// so that alone proves nothing: the driver's reasons or the temperature itself must say so too.
bool IsAtSlowdown(const GpuActivity& gpu, const Celsius& slowdown) {
  if (gpu.margin_celsius.value_or(1) > 0) return false;
  constexpr std::uint64_t kThermal = nvml::kReasonHwThermal | nvml::kReasonSwThermal;
  const bool hot = gpu.celsius && slowdown.value_or(0) > 0 && *gpu.celsius >= *slowdown;
  return hot || (gpu.clock_reasons.value_or(0) & kThermal) != 0;
}

/// One reading proves nothing: `before` must say the same.
void JudgeGpu(nvidia::GpuReport& report, const GpuActivity& gpu, const GpuActivity& before,
              const Device& device, std::int64_t margin) {
  const GpuId id(gpu);
  const auto both = [&](const auto& is) { return is(gpu) && is(before); };
  const auto find = [&](const char* what) {
    report.Find(Health::kDegraded, id, what, Advice::kCheckCooling);
  };
  if (both([&](const auto& one) { return IsAtSlowdown(one, device.slowdown_celsius); })) {
    find("is slowed down by its heat");
  } else if (margin > 0 && both([&](const auto& one) {
               return one.margin_celsius.value_or(0) > 0 && *one.margin_celsius <= margin;
             })) {
    find("is nearer to its slowdown temperature than is allowed");
  }
  if (both([&](const auto& one) { return IsAbove(one.celsius, device.gpu_max_celsius); })) {
    find("is hotter than it may be");
  }
  if (both([&](const auto& one) {
        return IsAbove(one.memory_celsius, device.memory_max_celsius);
      })) {
    find("has memory that is hotter than it may be");
  }
}

void Judge(nvidia::GpuReport& report) {
  const auto* activity = report.Take<nvml::Activity>();
  if (!activity) return;
  const auto* devices = report.Beside<nvml::Devices>();
  const auto thresholds = SettingsOf<Thresholds>(report.in(), kName);
  Json::Array rows;
  for (const GpuActivity& gpu : activity->gpus) {
    const GpuId id(gpu);
    Json::Object row = nvidia::RowOf(id);
    report.Sample<GpuActivity>(id, gpu, kRows, row);
    if (const auto* device = nvidia::FindGpu(devices, gpu.bus_id)) {
      report.Sample<Device>(id, *device, kLimits, row);
      AddShare(report, id, gpu.celsius, device->shutdown_celsius, "", "used_percent_shutdown", row);
      AddShare(report, id, gpu.celsius, device->slowdown_celsius, kOfSlowdown,
               "used_percent_slowdown", row);
      AddShare(report, id, gpu.memory_celsius, device->memory_max_celsius, kOfMemoryMax,
               "used_percent_mem_max", row);
      AddShare(report, id, gpu.celsius, device->gpu_max_celsius, "", "used_percent_gpu_max", row);
      if (const auto* before = report.Before<nvml::Activity>(gpu.bus_id)) {
        JudgeGpu(report, gpu, *before, *device, thresholds.celsius_slowdown_margin);
      }
    }
    rows.push_back({std::move(row)});
  }
  report.Done("no GPU is too hot", {{"temperatures", {std::move(rows)}}});
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

}  // namespace gpud::nvidia_temperature
