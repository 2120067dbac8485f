// SPDX-License-Identifier: Apache-2.0
// Which processes use Intel's GPUs. Who they are is told by `gpud ps`.
#include <algorithm>

#include "components/gpu_users.h"
#include "sources/intel_gpu/gpus.h"

namespace gpud::intel_processes {
namespace {

constexpr std::string_view kName = "accelerator-intel-processes";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "intel", kName};
constexpr const SourceType* kNeeds[] = {&intel_gpu::kGpus, &drm::kClients};
constexpr std::string_view kRunning = "accelerator_intel_processes_running";
constexpr std::string_view kMemory = "accelerator_intel_processes_memory_bytes";
constexpr MetricType kMetrics[] = {
    {kRunning, "processes that have the GPU open"},
    {kMemory, "what they hold of its memory, together"},
};

Report Check(const Inputs& in) {
  const auto& gpus = in.Latest<intel_gpu::Gpus>();
  const auto& clients = in.Latest<drm::Clients>();
  if (!gpus) {
    if (!AbsentByDesign(gpus.error())) return Unreadable(kName, gpus.error());
    return {.states = {{.name = std::string(kName), .reason = gpus.error().what}}};
  }
  if (!clients && !AbsentByDesign(clients.error())) return Unreadable(kName, clients.error());
  Report report;
  report.states.push_back(
      {.name = std::string(kName), .reason = "the users of each Intel GPU were looked for"});
  std::string data = "{\"processes\":[";
  for (const intel_gpu::Gpu& gpu : gpus->gpus) {
    GpuUsers users;
    if (clients) AddUsers(*clients, gpu.base, users);
    ReportUsers(gpu.base, users, kRunning, kMemory, report, data);
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
    .supported = IntelSupport,
    .check = Check,
};

}  // namespace gpud::intel_processes
