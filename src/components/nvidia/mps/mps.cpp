// SPDX-License-Identifier: Apache-2.0
// NVIDIA MPS: programs that share a GPU through one server, and whether that server runs.
#include <algorithm>

#include "components/nvidia/gpu_report.h"
#include "sources/procfs/processes.h"

namespace gpud::nvidia_mps {
namespace {

using nvidia::GpuId;

constexpr std::string_view kName = "accelerator-nvidia-mps";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia", kName};
constexpr const SourceType* kNeeds[] = {&nvml::kProcesses, &procfs::kProcesses};
constexpr MetricType kMetrics[] = {
    {"accelerator_nvidia_mps_clients", "programs that use the GPU through MPS"},
    {"accelerator_nvidia_mps_daemons", "processes of MPS itself: control daemon and servers"},
};

void Judge(nvidia::GpuReport& report) {
  const auto* all = report.Take<nvml::Processes>();
  if (!all) return;
  const auto& machine = report.in().Latest<procfs::Processes>();
  std::ptrdiff_t daemons = 0;
  if (machine) {
    // Control daemon and server have one name, as far as the kernel keeps it (15 bytes).
    daemons = std::count_if(machine->nvidia_daemons.begin(), machine->nvidia_daemons.end(),
                            [](const auto& one) { return one.name == "nvidia-cuda-mps"; });
  }
  Json::Array rows;
  bool any_client = false;
  for (const nvml::GpuProcesses& gpu : all->gpus) {
    const GpuId id(gpu);
    const auto* processes = report.Read(id, "processes", gpu.processes);
    if (!processes) continue;
    Json::Array clients;
    for (const nvml::GpuProcess& process : *processes) {
      if (process.kind == "mps") clients.push_back({std::uint64_t{process.pid}});
    }
    report.Sample(kMetrics[0].name, id, static_cast<double>(clients.size()));
    any_client = any_client || !clients.empty();
    Json::Object row = nvidia::RowOf(id);
    row.emplace_back("clients", Json{std::move(clients)});
    rows.push_back({std::move(row)});
  }
  if (daemons == 0 && !any_client) report.NotSupported("MPS is not in use here");
  if (machine) report.SampleOfAll(kMetrics[1].name, static_cast<double>(daemons));
  report.Done(any_client ? "programs share GPUs through MPS" : "no program uses MPS now",
              {{"daemons", Json{std::int64_t{daemons}}}, {"gpus", {std::move(rows)}}});
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

}  // namespace gpud::nvidia_mps
