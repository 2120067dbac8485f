// SPDX-License-Identifier: Apache-2.0
// NVIDIA IMEX: memory that GPUs of several machines share over NVLink: are all GPUs in one clique,
// and does the daemon run that hands the memory out?
#include <algorithm>
#include <set>

#include "components/nvidia/gpu_report.h"
#include "sources/procfs/processes.h"

namespace gpud::nvidia_imex {
namespace {

using nvidia::GpuId;

constexpr std::string_view kName = "accelerator-nvidia-imex";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia", kName};
constexpr const SourceType* kNeeds[] = {&nvml::kDevices, &procfs::kProcesses};
constexpr MetricType kMetrics[] = {
    {"accelerator_nvidia_imex_running", "1 while the IMEX daemon runs"},
    {"accelerator_nvidia_imex_clique_id", "number of the GPU's clique in its NVLink cluster"},
};
constexpr std::uint32_t kCompleted = 3;

bool IsRunning(const procfs::Processes& all) {
  return std::any_of(all.nvidia_daemons.begin(), all.nvidia_daemons.end(),
                     [](const auto& daemon) { return daemon.name == "nvidia-imex"; });
}

void Judge(nvidia::GpuReport& report) {
  const auto* devices = report.Take<nvml::Devices>();
  if (!devices) return;
  std::set<std::pair<std::string, std::uint32_t>> cliques;
  Json::Array rows;
  for (const nvml::Device& device : devices->devices) {
    if (!report.Answers(device)) continue;
    const GpuId id(device);
    // A cluster spans machines; within one machine NVLink has none.
    if (device.fabric && device.fabric->cluster_uuid.empty()) continue;
    const auto* fabric = report.Read(id, "fabric state", device.fabric);
    if (!fabric || fabric->state != kCompleted) continue;
    cliques.emplace(fabric->cluster_uuid, fabric->clique_id);
    report.Sample(kMetrics[1].name, id, fabric->clique_id,
                  {{"cluster_uuid", fabric->cluster_uuid}});
    Json::Object row = nvidia::RowOf(id);
    row.emplace_back("cluster_uuid", Json{fabric->cluster_uuid});
    row.emplace_back("clique_id", Json{std::uint64_t{fabric->clique_id}});
    rows.push_back({std::move(row)});
  }
  if (cliques.empty()) {
    constexpr const char* kNone = "no GPU is part of an NVLink cluster of several machines";
    if (report.support().supported) report.NotSupported(kNone);
    return report.Done(kNone);
  }
  if (cliques.size() > 1) {
    report.findings().Add(Health::kDegraded,
                          "the GPUs of this machine are in several NVLink cliques",
                          Advice::kCheckFabricConfiguration);
  }
  Json::Object data{{"gpus", {std::move(rows)}}};
  if (const auto& processes = report.in().Latest<procfs::Processes>()) {
    const bool running = IsRunning(*processes);
    report.SampleOfAll(kMetrics[0].name, running ? 1 : 0);
    data.emplace_back("imex_running", Json{running});
    if (!running) report.Note("no IMEX daemon runs: memory is not shared between machines");
  }
  report.Done("all GPUs are in one NVLink clique", std::move(data));
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

}  // namespace gpud::nvidia_imex
