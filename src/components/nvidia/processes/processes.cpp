// SPDX-License-Identifier: Apache-2.0
// NVIDIA processes: which programs are on the GPUs.
#include "sources/gpu/processes.h"

#include <algorithm>

#include "components/nvidia/gpu_report.h"
#include "platform/text.h"
#include "platform/time_text.h"

namespace gpud::nvidia_processes {
namespace {

using nvidia::GpuId;
using nvml::GpuProcess;

constexpr std::string_view kName = "accelerator-nvidia-processes";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia", kName};
constexpr const SourceType* kNeeds[] = {&nvml::kProcesses, &gpu::kProcesses};
constexpr MetricType kMetrics[] = {
    {"accelerator_nvidia_processes_running_total", "processes that compute on the GPU",
     MetricKind::kGauge},
};

/// Who it is, as the kernel tells; null when that is not known.
const gpu::Process* OwnerOf(const Inputs& in, std::uint32_t pid) {
  const auto& all = in.Latest<gpu::Processes>();
  if (!all) return nullptr;
  const auto found = std::find_if(all->processes.begin(), all->processes.end(),
                                  [&](const gpu::Process& one) { return one.pid == pid; });
  return found == all->processes.end() ? nullptr : &*found;
}

Json Describe(const GpuProcess& process, const gpu::Process* owner) {
  Json::Object row{{"pid", Json{std::uint64_t{process.pid}}}, {"kind", Json{process.kind}}};
  if (process.sm_percent) row.emplace_back("gpu_used_percent", Json{*process.sm_percent});
  if (process.memory_bytes) {
    row.emplace_back("gpu_used_memory_bytes", Json{*process.memory_bytes});
    row.emplace_back("gpu_used_memory_bytes_humanized", Json{BytesText(*process.memory_bytes)});
  }
  if (!owner || !owner->problem.empty()) return {std::move(row)};
  row.emplace_back("status", Json{Json::Array{{owner->state}}});
  row.emplace_back("zombie_status", Json{owner->state == "Z"});
  // In one piece, bounded and with its secrets masked; the original's list let them out.
  row.emplace_back("cmd_args", Json{Json::Array{{owner->command}}});
  row.emplace_back("create_time", Json{Rfc3339Seconds(owner->start_time)});
  return {std::move(row)};
}

void Judge(nvidia::GpuReport& report) {
  const auto* all = report.Take<nvml::Processes>();
  if (!all) return;
  Json::Array rows;
  for (const nvml::GpuProcesses& gpu : all->gpus) {
    const GpuId id(gpu);
    Json::Object row = nvidia::RowOf(id);
    const auto* processes = report.Read(id, "processes", gpu.processes);
    row.emplace_back("get_compute_running_processes_supported", Json{processes != nullptr});
    if (processes) {
      const auto computing =
          std::count_if(processes->begin(), processes->end(),
                        [](const GpuProcess& process) { return process.kind != "graphics"; });
      report.Sample(kMetrics[0].name, id, static_cast<double>(computing));
      Json::Array list;
      for (const GpuProcess& process : *processes) {
        list.push_back(Describe(process, OwnerOf(report.in(), process.pid)));
      }
      row.emplace_back("running_processes", Json{std::move(list)});
    }
    rows.push_back({std::move(row)});
  }
  report.Done("processes of all GPUs were read", {{"processes", {std::move(rows)}}});
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

}  // namespace gpud::nvidia_processes
