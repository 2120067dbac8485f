// SPDX-License-Identifier: Apache-2.0
#include "export/gpu_use.h"

#include <algorithm>

namespace gpud::prometheus {
namespace {

constexpr std::size_t kMostWorkloads = 32;

Labels OfWorkload(std::string kind, std::string name_space, std::string workload,
                  std::string container) {
  return {{"kind", std::move(kind)},
          {"namespace", std::move(name_space)},
          {"workload", std::move(workload)},
          {"container", std::move(container)}};
}

Labels WorkloadOf(const procfs::ProcessOwner& owner) {
  if (owner.pod) {
    const procfs::Pod& pod = *owner.pod;
    return OfWorkload("pod", pod.name_space, pod.name.empty() ? pod.uid : pod.name, pod.container);
  }
  if (owner.slurm) return OfWorkload("slurm", "", owner.slurm->job, "");
  if (owner.container) return OfWorkload("container", "", "", owner.container->id);
  if (!owner.uid) return OfWorkload("unknown", "", "", "");
  return OfWorkload("host", "", owner.user.empty() ? std::to_string(*owner.uid) : owner.user, "");
}

Family ProcessCounts(const gpu::Processes& processes) {
  Family family{{"accelerator_processes", "processes that use a GPU"}, {}};
  for (const gpu::Gpu& gpu : processes.gpus) {
    const auto count = std::count_if(
        processes.processes.begin(), processes.processes.end(), [&](const gpu::Process& process) {
          return process.vendor == gpu.vendor && process.bus_id == gpu.bus_id;
        });
    family.series.emplace_back(Labels{{"vendor", std::string(Word(gpu.vendor))},
                                      {"gpu", gpu.gpu ? std::to_string(*gpu.gpu) : ""},
                                      {"uuid", gpu.uuid},
                                      {"bus_id", gpu.bus_id}},
                               static_cast<double>(count));
  }
  return family;
}

Family WorkloadMemory(const gpu::Processes& processes) {
  std::map<Labels, double> sums;
  for (const gpu::Process& process : processes.processes) {
    if (process.memory_bytes) {
      sums[WorkloadOf(process)] += static_cast<double>(*process.memory_bytes);
    }
  }
  Family family{{"accelerator_workload_memory_used_bytes",
                 "device memory of a workload on all GPUs: the 32 that have most, and all others"},
                {sums.begin(), sums.end()}};
  std::stable_sort(family.series.begin(), family.series.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  if (family.series.size() > kMostWorkloads) {
    double others = 0;
    for (std::size_t i = kMostWorkloads; i < family.series.size(); ++i) {
      others += family.series[i].second;
    }
    family.series.resize(kMostWorkloads);
    family.series.emplace_back(OfWorkload("other", "", "", ""), others);
  }
  return family;
}

}  // namespace

std::vector<Family> GpuUseFamilies(const gpu::Processes& processes) {
  std::vector<Family> families;
  for (Family& family : std::vector<Family>{ProcessCounts(processes), WorkloadMemory(processes)}) {
    if (!family.series.empty()) families.push_back(std::move(family));
  }
  return families;
}

}  // namespace gpud::prometheus
