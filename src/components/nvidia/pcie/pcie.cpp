// SPDX-License-Identifier: Apache-2.0
// NVIDIA PCIe: are the GPUs' links as wide and as fast as device and slot allow, and free of
// errors?
#include <cmath>

#include "components/nvidia/gpu_report.h"

namespace gpud::nvidia_pcie {
namespace {

using nvidia::GpuId;
using nvml::Device;
using nvml::GpuActivity;

constexpr std::string_view kName = "accelerator-nvidia-pcie";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia", kName};
constexpr const SourceType* kNeeds[] = {&nvml::kActivity, &nvml::kDevices};
constexpr auto kCounter = MetricKind::kCounter;
constexpr nvidia::Gauge<GpuActivity> kRows[] = {
    {"accelerator_nvidia_pcie_generation", "of the link now; idle links run at 1 to save power",
     "generation", "", &GpuActivity::pcie_gen},
    {"accelerator_nvidia_pcie_width", "lanes of the link now", "width", "",
     &GpuActivity::pcie_width},
    {"accelerator_nvidia_pcie_replays_total", "packets sent again", "replays", "",
     &GpuActivity::pcie_replays, 1, kCounter},
    {"accelerator_nvidia_pcie_received_bytes_total", "received by the GPU", "received_bytes", "",
     &GpuActivity::pcie_rx_bytes, 1, kCounter},
    {"accelerator_nvidia_pcie_sent_bytes_total", "sent by the GPU", "sent_bytes", "",
     &GpuActivity::pcie_tx_bytes, 1, kCounter},
};
constexpr nvidia::Gauge<Device> kLimits[] = {
    {"accelerator_nvidia_pcie_max_generation", "of device and slot together", "max_generation", "",
     &Device::pcie_gen_max},
    {"accelerator_nvidia_pcie_max_width", "lanes of device and slot together", "max_width", "",
     &Device::pcie_width_max},
};
constexpr auto kLimitMetrics = nvidia::MetricsOf<kLimits>();
constexpr auto kMetrics = nvidia::MetricsOf<kRows>(kLimitMetrics[0], kLimitMetrics[1]);

constexpr std::string_view kReplays = "pcie_replays";
// In so many minutes of an hour more packets were sent again than noise explains.
constexpr FaultRules kRules{.warnings_per_hour = 5};

bool IsLoaded(const GpuActivity& gpu) {
  constexpr double kLoaded = 20;
  return gpu.gpu_percent.value_or(0) >= kLoaded;
}

bool IsNarrow(const GpuActivity& gpu, const Device& device) {
  // Boards for desktops give lanes up to save power.
  return gpu.pcie_width && device.pcie_width_max && *gpu.pcie_width < *device.pcie_width_max &&
         (nvidia::IsDataCentre(device) || IsLoaded(gpu));
}

bool IsSlow(const GpuActivity& gpu, const Device& device) {
  return gpu.pcie_gen && device.pcie_gen_max && *gpu.pcie_gen < *device.pcie_gen_max &&
         IsLoaded(gpu);
}

/// What a link of this width sends again in a minute at a bit error ratio of 1e-12, which is as
/// good as a link has to be.
double ExpectedReplays(std::uint32_t generation, std::uint32_t width) {
  constexpr double kPerLane[] = {0.15, 0.3, 0.48, 0.96, 1.92, 3.84};  // by generation
  const std::size_t row = std::min<std::size_t>(std::size(kPerLane), std::max(1u, generation)) - 1;
  return std::ceil(width * kPerLane[row]);
}

void JudgeReplays(nvidia::GpuReport& report, const GpuActivity& gpu, const GpuActivity& before) {
  const Inputs& in = report.in();
  const double minutes =
      std::chrono::duration<double, std::ratio<60>>(in.Elapsed<nvml::Activity>()).count();
  if (!gpu.pcie_replays || !before.pcie_replays || !gpu.pcie_gen || !gpu.pcie_width ||
      minutes <= 0 || *gpu.pcie_replays <= *before.pcie_replays) {
    return;
  }
  const auto grown = static_cast<double>(*gpu.pcie_replays - *before.pcie_replays);
  if (grown / minutes <= ExpectedReplays(*gpu.pcie_gen, *gpu.pcie_width)) return;
  for (const Event& event : in.OwnEvents()) {  // one a minute
    if (in.Now() - event.time >= std::chrono::minutes(1)) break;
    if (event.name == kReplays && FactOf(event, kFactDevice) == gpu.bus_id) return;
  }
  report.AddFault(GpuId(gpu),
                  {.event = kReplays,
                   .code = std::string(kReplays),
                   .action = Advice::kHardwareInspection,
                   .message = "sends more packets again over PCIe than noise explains"});
}

std::string NameOf(const Fault&) { return "PCIe sends packets again and again"; }

void JudgeGpu(nvidia::GpuReport& report, const GpuActivity& gpu, const GpuActivity& before,
              const Device& device) {
  if (IsNarrow(gpu, device) && IsNarrow(before, device)) {
    report.Find(Health::kDegraded, GpuId(gpu),
                "has " + std::to_string(*gpu.pcie_width) + " PCIe lanes of " +
                    std::to_string(*device.pcie_width_max),
                Advice::kHardwareInspection);
  }
  if (IsSlow(gpu, device) && IsSlow(before, device)) {
    report.Find(Health::kDegraded, GpuId(gpu),
                "runs PCIe generation " + std::to_string(*gpu.pcie_gen) + " of " +
                    std::to_string(*device.pcie_gen_max) + " under load",
                Advice::kHardwareInspection);
  }
  JudgeReplays(report, gpu, before);
}

void Judge(nvidia::GpuReport& report) {
  const auto* activity = report.Take<nvml::Activity>();
  if (!activity) return;
  const auto* devices = report.Beside<nvml::Devices>();
  Json::Array rows;
  for (const GpuActivity& gpu : activity->gpus) {
    Json::Object row = nvidia::RowOf(GpuId(gpu));
    report.Sample<GpuActivity>(GpuId(gpu), gpu, kRows, row);
    if (const auto* device = nvidia::FindGpu(devices, gpu.bus_id)) {
      report.Sample<Device>(GpuId(gpu), *device, kLimits, row);
      const auto* before = report.Before<nvml::Activity>(gpu.bus_id);
      if (before) JudgeGpu(report, gpu, *before, *device);
    }
    rows.push_back({std::move(row)});
  }
  report.JudgeFaults(NameOf, kRules);
  report.Done("all PCIe links are as they should be", {{"links", {std::move(rows)}}});
}

}  // namespace

extern constinit const ComponentType kType{
    .name = kName,
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .clearable = true,
    .supported = nvidia::SupportOf<kName, Judge>,
    .check = nvidia::CheckOf<kName, Judge>,
};

}  // namespace gpud::nvidia_pcie
