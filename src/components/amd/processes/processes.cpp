// SPDX-License-Identifier: Apache-2.0
// Which processes use AMD's GPUs. Who they are is told by `gpud ps`.
#include <algorithm>

#include "components/gpu_users.h"
#include "sources/amdgpu/gpus.h"

namespace gpud::amd_processes {
namespace {

constexpr std::string_view kName = "accelerator-amd-processes";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "amd", kName};
constexpr const SourceType* kNeeds[] = {&amdgpu::kGpus, &drm::kClients};
constexpr std::string_view kRunning = "accelerator_amd_processes_running";
constexpr std::string_view kMemory = "accelerator_amd_processes_memory_bytes";
constexpr MetricType kMetrics[] = {
    {kRunning, "processes that have the GPU open"},
    {kMemory, "what they hold of its memory, together"},
};

Report Check(const Inputs& in) {
  const auto& gpus = in.Latest<amdgpu::Gpus>();
  const auto& clients = in.Latest<drm::Clients>();
  if (!gpus) {
    if (!AbsentByDesign(gpus.error())) return Unreadable(kName, gpus.error());
    return {.states = {{.name = std::string(kName), .reason = gpus.error().what}}};
  }
  if (!clients && !AbsentByDesign(clients.error())) return Unreadable(kName, clients.error());
  Report report;
  report.states.push_back(
      {.name = std::string(kName), .reason = "the users of each AMD GPU were looked for"});
  std::string data = "{\"processes\":[";
  for (const amdgpu::Gpu& gpu : gpus->gpus) {
    GpuUsers users;
    if (clients) AddUsers(*clients, gpu.base, users);
    // What computes is also known to KFD; both ways tell of one process alike.
    for (const amdgpu::ComputeProcess& process :
         gpu.processes.value_or(std::vector<amdgpu::ComputeProcess>{})) {
      users[process.pid] = std::max(users[process.pid], process.memory_bytes);
    }
    ReportUsers(gpu.base, users, kRunning, kMemory, report, data);
    AddUnreadable(report, std::string(kName) + "/" + gpu.base.bus_id, gpu.processes);
  }
  report.states.front().extra_info["data"] = data + "]}";
  return report;
}

}  // namespace

extern constinit const ComponentType kType{
    .name = kName,
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .period = std::chrono::seconds(15),
    .supported = AmdSupport,
    .check = Check,
};

}  // namespace gpud::amd_processes
