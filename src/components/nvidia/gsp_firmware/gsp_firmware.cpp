// SPDX-License-Identifier: Apache-2.0
// NVIDIA GSP firmware: do the GPUs run their system processor, and with which firmware? What it
// does wrong is told by the Xid component (119, 120).
#include <set>

#include "components/nvidia/gpu_report.h"

namespace gpud::nvidia_gsp_firmware {
namespace {

using nvidia::GpuId;

constexpr std::string_view kName = "accelerator-nvidia-gsp-firmware";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia", kName};
constexpr const SourceType* kNeeds[] = {&nvml::kDevices};
constexpr MetricType kMetrics[] = {
    {"accelerator_nvidia_gsp_firmware_enabled", "1 while the system processor is in use"},
};

void Judge(nvidia::GpuReport& report) {
  const auto* devices = report.Take<nvml::Devices>();
  if (!devices) return;
  std::set<std::string> with;  // products of which some GPU uses it
  for (const nvml::Device& device : devices->devices) {
    if (device.gsp_enabled.value_or(false)) with.insert(device.name.value_or(""));
  }
  Json::Array rows;
  for (const nvml::Device& device : devices->devices) {
    if (!report.Answers(device)) continue;
    const GpuId id(device);
    Json::Object row = nvidia::RowOf(id);
    const bool* on = report.Read(id, "mode of the GSP", device.gsp_enabled);
    row.emplace_back("supported", Json{on != nullptr});
    if (on) {
      report.Sample(kMetrics[0].name, id, *on ? 1 : 0);
      row.emplace_back("enabled", Json{*on});
      if (!*on && with.count(device.name.value_or("")) > 0) {
        report.Find(Health::kDegraded, id, "runs without its GSP firmware, others of its kind with",
                    Advice::kInvestigateSoftware);
      }
    }
    if (device.gsp_version) row.emplace_back("version", Json{*device.gsp_version});
    rows.push_back({std::move(row)});
  }
  report.Done("GSP firmware of all GPUs is alike", {{"gpus", {std::move(rows)}}});
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

}  // namespace gpud::nvidia_gsp_firmware
