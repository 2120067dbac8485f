// SPDX-License-Identifier: Apache-2.0
// NVIDIA persistence mode: does the driver keep its state while nobody uses a GPU?
#include "components/nvidia/gpu_report.h"

namespace gpud::nvidia_persistence_mode {
namespace {

using nvidia::GpuId;

constexpr std::string_view kName = "accelerator-nvidia-persistence-mode";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia", kName};
constexpr const SourceType* kNeeds[] = {&nvml::kDevices};
constexpr nvidia::Episode kEpisode{"persistence_mode_disabled", "persistence_mode_enabled"};

void Judge(nvidia::GpuReport& report) {
  const auto* devices = report.Take<nvml::Devices>();
  if (!devices) return;
  Json::Array rows;
  for (const nvml::Device& device : devices->devices) {
    const GpuId id(device);
    Json::Object row = nvidia::RowOf(id);
    if (!report.Answers(device)) continue;
    const bool* on = report.Read(id, "persistence mode", device.persistence);
    row.emplace_back("supported", Json{on != nullptr});
    if (on) {
      row.emplace_back("enabled", Json{*on});
      // A desktop's driver stays loaded with its screen, and nobody sets it there.
      const bool off = !*on && nvidia::IsDataCentre(device);
      report.Tell(id, kEpisode, off, off ? "has persistence mode off" : "has persistence mode on");
      if (off) report.Find(Health::kUnhealthy, id, "has persistence mode off");
    }
    rows.push_back({std::move(row)});
  }
  report.Done("persistence mode is on where it should be",
              {{"persistence_modes", {std::move(rows)}}});
}

}  // namespace

extern constinit const ComponentType kType{
    .name = kName,
    .tags = kTags,
    .needs = kNeeds,
    .period = std::chrono::seconds(30),
    .supported = nvidia::SupportOf<kName, Judge>,
    .check = nvidia::CheckOf<kName, Judge>,
};

}  // namespace gpud::nvidia_persistence_mode
