// SPDX-License-Identifier: Apache-2.0
#include "scenario/default_processes.h"

#include <map>

namespace gpud::scenario {
namespace {

constexpr int kLoadersPerGpu = 6;

Process InTraining(Process process) {
  process.cgroup = "job";
  process.container = "c-train";
  process.pod = "train-0";
  process.namespace_name = "ml";
  return process;
}

}  // namespace

std::vector<Process> ProcessesOf(const NodeSpec& node) {
  std::map<std::int64_t, Process> by_pid;
  const auto add = [&](Process process) { by_pid[process.pid] = std::move(process); };
  const int gpus = node.default_processes ? node.profile.gpus : 0;
  for (int gpu = 0; gpu < gpus; ++gpu) {
    if (node.workload == Workload::kTrain) {
      add(InTraining({.pid = 10000 + gpu,
                      .name = "python3",
                      .role = "trainer",
                      .gpus = {gpu},
                      .cpu = 1.0,
                      .rss_mib = 12000}));
      for (int k = 0; k < kLoadersPerGpu; ++k) {
        add(InTraining({.pid = 20000 + 10 * gpu + k,
                        .name = "pt_data_worker",
                        .role = "loader",
                        .ppid = 10000 + gpu,
                        .cpu = 0.45,
                        .rss_mib = 1500}));
      }
    } else if (node.workload == Workload::kInfer) {
      add({.pid = 30000 + gpu,
           .name = "vllm",
           .role = "server",
           .gpus = {gpu},
           .cpu = 1.0,
           .rss_mib = 8000,
           .container = "c-infer",
           .pod = "infer-0",
           .namespace_name = "ml",
           .listens = true});
    }
  }
  for (const Process& process : node.processes) add(process);
  std::vector<Process> sorted;
  for (auto& [pid, process] : by_pid) sorted.push_back(std::move(process));
  return sorted;
}

}  // namespace gpud::scenario
