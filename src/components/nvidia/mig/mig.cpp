// SPDX-License-Identifier: Apache-2.0
// NVIDIA MIG: how GPUs are cut into instances, and what these use.
#include "components/nvidia/gpu_report.h"

namespace gpud::nvidia_mig {
namespace {

using nvidia::GpuId;
using nvml::Device;

constexpr std::string_view kName = "accelerator-nvidia-mig";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia", kName};
constexpr const SourceType* kNeeds[] = {&nvml::kDevices, &nvml::kProcesses};
constexpr MetricType kMetrics[] = {
    {"accelerator_nvidia_mig_enabled", "1 while the GPU is in MIG mode"},
    {"accelerator_nvidia_mig_instances", "instances that the GPU is cut into"},
    {"accelerator_nvidia_mig_memory_total_bytes", "memory of an instance"},
    {"accelerator_nvidia_mig_memory_used_bytes", "memory in use of an instance"},
    {"accelerator_nvidia_mig_processes", "processes on an instance"},
};

std::size_t ProcessesOn(const nvml::Processes* all, const Device& device,
                        const nvml::MigInstance& part) {
  const auto* gpu = nvidia::FindGpu(all, device.bus_id);
  if (!gpu || !gpu->processes) return 0;
  std::size_t count = 0;
  for (const nvml::GpuProcess& process : *gpu->processes) {
    if (process.gpu_instance == part.gpu_instance &&
        process.compute_instance.value_or(part.compute_instance) == part.compute_instance) {
      ++count;
    }
  }
  return count;
}

Json Describe(nvidia::GpuReport& report, const Device& device, const nvml::MigInstance& part) {
  const GpuId id(device);
  const Labels labels{{"mig_uuid", part.uuid},
                      {"profile", part.profile},
                      {"gpu_instance", std::to_string(part.gpu_instance)},
                      {"compute_instance", std::to_string(part.compute_instance)}};
  Json::Object row{{"uuid", Json{part.uuid}},
                   {"profile", Json{part.profile}},
                   {"gpu_instance", Json{std::uint64_t{part.gpu_instance}}},
                   {"compute_instance", Json{std::uint64_t{part.compute_instance}}},
                   {"multiprocessors", Json{std::uint64_t{part.multiprocessors}}},
                   {"memory_total_bytes", Json{part.memory_total_bytes}}};
  report.Sample(kMetrics[2].name, id, static_cast<double>(part.memory_total_bytes), labels);
  if (const auto* used = report.Read(id, "memory of a MIG instance", part.memory_used_bytes)) {
    report.Sample(kMetrics[3].name, id, static_cast<double>(*used), labels);
    row.emplace_back("memory_used_bytes", Json{*used});
  }
  if (const auto* processes = report.Beside<nvml::Processes>()) {
    const std::size_t count = ProcessesOn(processes, device, part);
    report.Sample(kMetrics[4].name, id, static_cast<double>(count), labels);
    row.emplace_back("processes", Json{std::uint64_t{count}});
  }
  return {std::move(row)};
}

Json::Object DescribeGpu(nvidia::GpuReport& report, const Device& device, bool on) {
  const GpuId id(device);
  const std::string gpu = "GPU " + std::to_string(id.index);
  Json::Object row = nvidia::RowOf(id);
  row.emplace_back("enabled", Json{on});
  report.Sample(kMetrics[0].name, id, on ? 1 : 0);
  if (device.mig_pending && *device.mig_pending != on) {
    row.emplace_back("enabled_pending", Json{*device.mig_pending});
    report.Note(gpu + ": MIG mode goes " + (on ? "off" : "on") + " with the next reset");
  }
  if (!on) return row;
  const auto* parts = report.Read(id, "MIG instances", device.mig_instances);
  if (!parts) return row;
  report.Sample(kMetrics[1].name, id, static_cast<double>(parts->size()));
  if (parts->empty()) report.Note(gpu + ": in MIG mode without an instance, no program can use it");
  Json::Array list;
  for (const nvml::MigInstance& part : *parts) list.push_back(Describe(report, device, part));
  row.emplace_back("instances", Json{std::move(list)});
  return row;
}

void Judge(nvidia::GpuReport& report) {
  const auto* devices = report.Take<nvml::Devices>();
  if (!devices) return;
  Json::Array rows;
  for (const Device& device : devices->devices) {
    if (!report.Answers(device)) continue;
    const bool* on = report.Read(GpuId(device), "MIG mode", device.mig);
    if (on) rows.push_back({DescribeGpu(report, device, *on)});
  }
  report.Done("MIG modes and instances were read", {{"gpus", {std::move(rows)}}});
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

}  // namespace gpud::nvidia_mig
