// SPDX-License-Identifier: Apache-2.0
// NVIDIA hardware slowdown: does heat, or a power supply, hold a GPU's clocks down for long?
#include "components/nvidia/gpu_report.h"

namespace gpud::nvidia_hw_slowdown {
namespace {

using nvidia::GpuId;
using nvml::GpuActivity;
using nvml::ThrottleTime;

constexpr std::string_view kName = "accelerator-nvidia-hw-slowdown";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia", kName};
constexpr const SourceType* kNeeds[] = {&nvml::kActivity};
constexpr std::string_view kSeconds = "accelerator_nvidia_clock_throttle_seconds_total";
constexpr nvidia::Episode kEpisode{"hw_slowdown", "hw_slowdown_end"};
constexpr std::chrono::minutes kWindow{10};
constexpr std::chrono::minutes kMost{6};  // of the window

struct Reason {
  std::uint64_t bit;
  std::string_view name;
  bool hardware;
  std::string_view metric, field;  // of the three that the original has
};
constexpr Reason kReasons[] = {
    {nvml::kReasonIdle, "GPU is idle", false, "", ""},
    {nvml::kReasonApplicationClocks, "application clocks are set", false, "", ""},
    {nvml::kReasonPowerCap, "power limit", false, "", ""},
    {nvml::kReasonHwSlowdown, "hardware slowdown (heat, power brake or power draw)", true,
     "accelerator_nvidia_clock_hw_slowdown", "hw_slowdown"},
    {nvml::kReasonSyncBoost, "sync boost", false, "", ""},
    {nvml::kReasonSwThermal, "heat, by the driver", false, "", ""},
    {nvml::kReasonHwThermal, "heat, by the hardware", true,
     "accelerator_nvidia_clock_hw_slowdown_thermal", "hw_thermal_slowdown"},
    {nvml::kReasonPowerBrake, "power brake, by the power supply", true,
     "accelerator_nvidia_clock_hw_slowdown_power_brake", "hw_slowdown_power_brake"},
    {nvml::kReasonDisplay, "display clocks are set", false, "", ""},
};
constexpr MetricType kMetrics[] = {
    {kReasons[3].metric, "1 while the hardware holds the clocks down"},
    {kReasons[6].metric, "1 while the hardware holds the clocks down for heat"},
    {kReasons[7].metric, "1 while a power supply holds the clocks down"},
    {kSeconds, "time in which the clocks were held down, by reason", MetricKind::kCounter},
};

constexpr std::pair<std::string_view, Result<std::uint64_t> ThrottleTime::*> kTimes[] = {
    {"power_cap", &ThrottleTime::power_cap_ns},     {"sync_boost", &ThrottleTime::sync_boost_ns},
    {"sw_thermal", &ThrottleTime::sw_thermal_ns},   {"hw_thermal", &ThrottleTime::hw_thermal_ns},
    {"power_brake", &ThrottleTime::power_brake_ns},
};

void AddTimes(nvidia::GpuReport& report, const GpuActivity& gpu) {
  constexpr double kSecondsPerNs = 1e-9;
  for (const auto& [reason, member] : kTimes) {
    const auto& time = gpu.throttle.*member;
    if (!time) continue;
    report.Sample(kSeconds, GpuId(gpu), static_cast<double>(*time) * kSecondsPerNs,
                  {{"reason", std::string(reason)}});
  }
}

/// By the driver's counters: whether the hardware held the clocks down for a tenth of the time
/// since the reading before. A look at the reasons alone would miss what is short.
bool HasSlowed(const Inputs& in, const GpuActivity& gpu, const GpuActivity* before) {
  constexpr double kShare = 0.1;
  constexpr double kNsPerUs = 1e3;
  const auto elapsed = static_cast<double>(in.Elapsed<nvml::Activity>().count()) * kNsPerUs;
  if (!before || elapsed <= 0) return false;
  std::uint64_t grown = 0;
  for (const auto member : {&ThrottleTime::hw_thermal_ns, &ThrottleTime::power_brake_ns}) {
    const std::uint64_t now = (gpu.throttle.*member).value_or(0);
    const std::uint64_t then = (before->throttle.*member).value_or(now);
    grown += now - std::min(now, then);
  }
  return static_cast<double>(grown) >= kShare * elapsed;
}

/// Samples and the row of `data` of the reasons; whether the hardware is among them. Not while the
/// GPU is idle: a brake that is pulled on a machine that starts hurts nobody.
bool TakeReasons(nvidia::GpuReport& report, const GpuActivity& gpu, std::uint64_t bits,
                 Json::Object& row) {
  Json::Array all, hardware;
  bool slow = false;
  for (const Reason& reason : kReasons) {
    const bool set = (bits & reason.bit) != 0;
    if (set) (reason.hardware ? hardware : all).push_back({std::string(reason.name)});
    if (!reason.hardware) continue;
    slow = slow || set;
    report.Sample(reason.metric, GpuId(gpu), set ? 1 : 0);
    row.emplace_back(reason.field, Json{set});
  }
  row.emplace_back("reasons_bitmask", Json{bits});
  row.emplace_back("hw_slowdown_reasons", Json{std::move(hardware)});
  row.emplace_back("reasons", Json{std::move(all)});
  return slow && (bits & nvml::kReasonIdle) == 0;
}

void Judge(nvidia::GpuReport& report) {
  const auto* activity = report.Take<nvml::Activity>();
  if (!activity) return;
  Json::Array rows;
  for (const GpuActivity& gpu : activity->gpus) {
    const GpuId id(gpu);
    Json::Object row = nvidia::RowOf(id);
    AddTimes(report, gpu);
    const auto* bits = report.Read(id, "clock event reasons", gpu.clock_reasons);
    row.emplace_back("supported", Json{bits != nullptr});
    if (bits) {
      const bool named = TakeReasons(report, gpu, *bits, row);
      const bool slow =
          named || HasSlowed(report.in(), gpu, report.Before<nvml::Activity>(gpu.bus_id));
      report.Tell(id, kEpisode, slow, slow ? "is slowed down by the hardware" : "runs freely");
      if (slow && nvidia::Lasted(report.in(), gpu.bus_id, kEpisode, kWindow) >= kMost) {
        report.Find(Health::kUnhealthy, id,
                    "was slowed down by the hardware for 6 of the last 10 minutes",
                    Advice::kHardwareInspection);
      }
    }
    rows.push_back({std::move(row)});
  }
  report.Done("no GPU is slowed down by the hardware for long",
              {{"clock_events", {std::move(rows)}}});
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

}  // namespace gpud::nvidia_hw_slowdown
