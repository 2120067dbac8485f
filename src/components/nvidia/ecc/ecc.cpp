// SPDX-License-Identifier: Apache-2.0
// NVIDIA ECC: errors of the GPUs' memory that were corrected or could not be, and the mode.
#include "components/nvidia/gpu_report.h"
#include "platform/text.h"

namespace gpud::nvidia_ecc {
namespace {

using nvidia::GpuId;
using nvml::EccCount;
using nvml::GpuErrors;

constexpr std::string_view kName = "accelerator-nvidia-ecc";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia", kName};
constexpr const SourceType* kNeeds[] = {&nvml::kErrors, &nvml::kDevices};
constexpr std::string_view kPlace = "accelerator_nvidia_ecc_volatile_errors";
constexpr MetricType kMetrics[] = {
    {"accelerator_nvidia_ecc_aggregate_total_corrected",
     "errors corrected since the board was made"},
    {"accelerator_nvidia_ecc_aggregate_total_uncorrected",
     "errors that could not be corrected since the board was made"},
    {"accelerator_nvidia_ecc_volatile_total_corrected",
     "errors corrected since the driver was loaded"},
    {"accelerator_nvidia_ecc_volatile_total_uncorrected",
     "errors that could not be corrected since the driver was loaded"},
    {kPlace, "errors since the driver was loaded, by location and kind"},
};

constexpr std::string_view kUncorrected = "ecc_uncorrected";
constexpr std::string_view kReset = "ecc_counters_reset";
constexpr std::string_view kFactTotal = "total";

/// The original's names of places.
std::string_view FieldOf(std::string_view location) {
  static constexpr std::pair<std::string_view, std::string_view> kFields[] = {
      {"device_memory", "gpu_device_memory"},
      {"texture_memory", "gpu_texture_memory"},
      {"texture_shm", "shared_memory"},
      {"register_file", "gpu_register_file"},
  };
  for (const auto& [from, to] : kFields) {
    if (from == location) return to;
  }
  return location;
}

Json Described(const Result<std::vector<EccCount>>& counts) {
  Json::Object places;
  if (!counts) return {std::move(places)};
  for (const EccCount& count : *counts) {
    Json::Object place;
    if (count.corrected) place.emplace_back("corrected", Json{*count.corrected});
    if (count.uncorrected) place.emplace_back("uncorrected", Json{*count.uncorrected});
    places.emplace_back(FieldOf(count.location), Json{std::move(place)});
  }
  return {std::move(places)};
}

void AddTotals(nvidia::GpuReport& report, const GpuId& id,
               const Result<std::vector<EccCount>>& counts, std::size_t first_metric) {
  if (!counts || counts->empty()) return;
  const EccCount& total = counts->front();
  if (total.corrected) {
    report.Sample(kMetrics[first_metric].name, id, static_cast<double>(*total.corrected));
  }
  if (total.uncorrected) {
    report.Sample(kMetrics[first_metric + 1].name, id, static_cast<double>(*total.uncorrected));
  }
}

void AddPlaces(nvidia::GpuReport& report, const GpuId& id, const std::vector<EccCount>& counts) {
  for (std::size_t i = 1; i < counts.size(); ++i) {
    const auto add = [&](const char* kind, const Result<std::uint64_t>& count) {
      if (!count) return;
      report.Sample(kPlace, id, static_cast<double>(*count),
                    {{"location", counts[i].location}, {"kind", kind}});
    };
    add("corrected", counts[i].corrected);
    add("uncorrected", counts[i].uncorrected);
  }
}

std::optional<std::uint64_t> Uncorrected(const GpuErrors* gpu) {
  if (!gpu || !gpu->ecc_volatile || gpu->ecc_volatile->empty()) return std::nullopt;
  const auto& total = gpu->ecc_volatile->front().uncorrected;
  return total ? std::optional(*total) : std::nullopt;
}

/// What was known before this reading. At the first one after a start: what the last event of this
/// boot tells; a person who has said "healthy" since boot has seen all that there was.
std::uint64_t Known(const Inputs& in, const GpuErrors& gpu, const GpuErrors* before,
                    std::uint64_t now) {
  if (const auto then = Uncorrected(before)) return *then;
  const WallTime booted = in.Now() - in.BootNow().time_since_epoch();
  for (const Event& event : in.OwnEvents()) {
    if (event.time < booted) break;
    if (FactOf(event, kFactDevice) != gpu.bus_id) continue;
    return ParseNumber<std::uint64_t>(FactOf(event, kFactTotal)).value_or(0);
  }
  return in.ClearedUntil() > booted ? now : 0;
}

/// An error that could not be corrected asks for a reset of the GPU, which also sets the driver's
/// counters to zero: that closes the fault.
void JudgeGrowth(nvidia::GpuReport& report, const GpuErrors& gpu) {
  const auto now = Uncorrected(&gpu);
  if (!now) return;
  const std::uint64_t known =
      Known(report.in(), gpu, report.Before<nvml::Errors>(gpu.bus_id), *now);
  if (*now == known) return;
  const bool grown = *now > known;
  report.AddFault(GpuId(gpu), {.event = grown ? kUncorrected : kReset,
                               .code = std::string(kUncorrected),
                               .severity = grown ? EventType::kCritical : EventType::kInfo,
                               .action = grown ? Advice::kResetGpu : Advice::kIgnore,
                               .follow_up = grown ? Advice::kRunFieldDiagnostics : Advice::kNone,
                               .message = grown ? "has had " + std::to_string(*now - known) +
                                                      " memory errors that could not be corrected"
                                                : "has set its counters of memory errors back",
                               .clears = !grown,
                               .details = {{std::string(kFactTotal), std::to_string(*now)}}});
}

std::string NameOf(const Fault&) { return "memory errors that could not be corrected"; }

Json Mode(nvidia::GpuReport& report, const GpuId& id, const nvml::Device& device) {
  Json::Object row = nvidia::RowOf(id);
  const bool* now = report.Read(id, "ECC mode", device.ecc);
  row.emplace_back("supported", Json{now != nullptr});
  if (!now) return {std::move(row)};
  row.emplace_back("enabled_current", Json{*now});
  if (device.ecc_pending) row.emplace_back("enabled_pending", Json{*device.ecc_pending});
  const std::string gpu = "GPU " + std::to_string(id.index);
  if (device.ecc_pending && *device.ecc_pending != *now) {
    report.Note(gpu + ": ECC goes " + (*now ? "off" : "on") + " with the next reset");
  } else if (!*now && device.ecc_default.value_or(false)) {
    report.Note(gpu + ": ECC is off");
  }
  return {std::move(row)};
}

void Judge(nvidia::GpuReport& report) {
  const auto* errors = report.Take<nvml::Errors>();
  if (!errors) return;
  const auto* devices = report.Beside<nvml::Devices>();
  Json::Array modes, rows;
  for (const GpuErrors& gpu : errors->gpus) {
    const GpuId id(gpu);
    if (const auto* device = nvidia::FindGpu(devices, gpu.bus_id)) {
      modes.push_back(Mode(report, id, *device));
    }
    if (const auto* counts = report.Read(id, "ECC errors", gpu.ecc_volatile)) {
      AddPlaces(report, id, *counts);
    }
    AddTotals(report, id, gpu.ecc_aggregate, 0);
    AddTotals(report, id, gpu.ecc_volatile, 2);
    JudgeGrowth(report, gpu);
    if (gpu.sram_threshold_exceeded.value_or(false)) {
      report.Find(Health::kDegraded, id, "has had more SRAM errors than its maker accepts",
                  Advice::kRunFieldDiagnostics);
    }
    Json::Object row = nvidia::RowOf(id);
    row.emplace_back("aggregate", Described(gpu.ecc_aggregate));
    row.emplace_back("volatile", Described(gpu.ecc_volatile));
    row.emplace_back("supported", Json{gpu.ecc_volatile.has_value()});
    rows.push_back({std::move(row)});
  }
  report.JudgeFaults(NameOf);
  report.Done("no memory error that could not be corrected",
              {{"ecc_modes", {std::move(modes)}}, {"ecc_errors", {std::move(rows)}}});
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

}  // namespace gpud::nvidia_ecc
