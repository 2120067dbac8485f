// SPDX-License-Identifier: Apache-2.0
// NVIDIA clock speed: do the GPUs run as fast as they should when they have work?
#include "components/nvidia/gpu_report.h"

namespace gpud::nvidia_clock_speed {
namespace {

using nvidia::GpuId;
using nvml::GpuActivity;

constexpr std::string_view kName = "accelerator-nvidia-clock-speed";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia", kName};
constexpr const SourceType* kNeeds[] = {&nvml::kActivity, &nvml::kDevices};
constexpr nvidia::Gauge<GpuActivity> kRows[] = {
    {"accelerator_nvidia_clock_speed_graphics_mhz", "graphics clock", "graphics_mhz",
     "clock_graphics_supported", &GpuActivity::graphics_clock_mhz},
    {"accelerator_nvidia_clock_speed_memory_mhz", "memory clock", "memory_mhz",
     "clock_memory_supported", &GpuActivity::memory_clock_mhz},
    {"accelerator_nvidia_clock_speed_sm_mhz", "clock of the multiprocessors", "sm_mhz", "",
     &GpuActivity::sm_clock_mhz},
};
constexpr auto kMetrics = nvidia::MetricsOf<kRows>();

/// Full of work, at less than half of its clock, and the driver names no reason: what it names is
/// for the components of power and heat.
bool IsStuckLow(const GpuActivity& gpu, std::uint32_t max_mhz) {
  constexpr double kFull = 90;
  return gpu.gpu_percent.value_or(0) >= kFull && gpu.sm_clock_mhz &&
         *gpu.sm_clock_mhz < max_mhz / 2 && gpu.clock_reasons &&
         (*gpu.clock_reasons & ~nvml::kReasonIdle) == 0;
}

void Judge(nvidia::GpuReport& report) {
  const auto* activity = report.Take<nvml::Activity>();
  if (!activity) return;
  const auto* devices = report.Beside<nvml::Devices>();
  Json::Array rows;
  for (const GpuActivity& gpu : activity->gpus) {
    const GpuId id(gpu);
    Json::Object row = nvidia::RowOf(id);
    report.Sample<GpuActivity>(id, gpu, kRows, row);
    rows.push_back({std::move(row)});
    const auto* device = nvidia::FindGpu(devices, gpu.bus_id);
    const auto* before = report.Before<nvml::Activity>(gpu.bus_id);
    if (!device || !before || !device->sm_clock_max_mhz) continue;
    const std::uint32_t max_mhz = *device->sm_clock_max_mhz;
    if (!IsStuckLow(gpu, max_mhz) || !IsStuckLow(*before, max_mhz)) continue;
    report.Find(Health::kDegraded, id,
                "runs at less than half of its clock under load, and no limit explains it",
                Advice::kResetGpu);
  }
  report.Done("no GPU runs slower than it should", {{"clock_speeds", {std::move(rows)}}});
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

}  // namespace gpud::nvidia_clock_speed
