// SPDX-License-Identifier: Apache-2.0
#include "components/gpu_users.h"

#include <algorithm>

#include "model/json_codec.h"

namespace gpud {
namespace {

/// Regions on the board: "vram" of amdgpu, "vram0" of xe, "local0" of i915.
bool IsOwnMemory(std::string_view region) {
  return region.starts_with("vram") || region.starts_with("local");
}

struct UserRow {
  std::string bus_id;
  std::uint32_t pid = 0;
  std::uint64_t memory_bytes = 0;

  static constexpr auto Fields() {
    using R = UserRow;
    return std::tuple{Field{"bus_id", &R::bus_id}, Field{"pid", &R::pid},
                      Field{"memory_bytes", &R::memory_bytes}};
  }
};
struct Data {
  std::vector<UserRow> processes;

  static constexpr auto Fields() { return std::tuple{Field{"processes", &Data::processes}}; }
};

}  // namespace

GpuUsers UsersOf(const drm::Clients& clients, const drm::Gpu& gpu) {
  GpuUsers users;
  for (const drm::Client& client : clients.clients) {
    if (client.bus_id != gpu.bus_id) continue;
    std::uint64_t& bytes = users[client.pid];
    for (const auto& [region, amount] : client.memory_bytes) {
      if (IsOwnMemory(region)) bytes += amount;
    }
  }
  return users;
}

Report CheckUsers(const Inputs& in, const UsersCheck& check,
                  const Result<std::vector<UsedGpu>>& gpus) {
  if (!gpus) {
    if (!AbsentByDesign(gpus.error())) return Unreadable(check.component, gpus.error());
    return {.states = {{.name = std::string(check.component), .reason = gpus.error().what}}};
  }
  const auto& clients = in.Latest<drm::Clients>();
  if (!clients && !AbsentByDesign(clients.error())) {
    return Unreadable(check.component, clients.error());
  }
  Report report;
  report.states.push_back(
      {.name = std::string(check.component), .reason = std::string(check.good)});
  Data data;
  for (const UsedGpu& used : *gpus) {
    const drm::Gpu& gpu = *used.gpu;
    GpuUsers users = clients ? UsersOf(*clients, gpu) : GpuUsers();
    // What computes is told both ways alike.
    for (const auto& [pid, bytes] : used.computing) users[pid] = std::max(users[pid], bytes);
    double sum = 0;
    for (const auto& [pid, bytes] : users) {
      sum += static_cast<double>(bytes);
      data.processes.push_back({.bus_id = gpu.bus_id, .pid = pid, .memory_bytes = bytes});
    }
    AddGpuSample(report, check.running, gpu, static_cast<double>(users.size()));
    AddGpuSample(report, check.memory, gpu, sum);
    if (used.unread && !AbsentByDesign(*used.unread)) {
      const std::string name = std::string(check.component) + '/' + gpu.bus_id;
      report.states.push_back(Unreadable(name, *used.unread).states.front());
    }
  }
  report.states.front().extra_info["data"] = ToJson(data);
  return report;
}

}  // namespace gpud
