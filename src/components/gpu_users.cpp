// SPDX-License-Identifier: Apache-2.0
#include "components/gpu_users.h"

#include <algorithm>

namespace gpud {
namespace {

/// Regions on the board: "vram" of amdgpu, "vram0" of xe, "local0" of i915.
bool IsOwnMemory(std::string_view region) {
  return region.starts_with("vram") || region.starts_with("local");
}

}  // namespace

void AddUsers(const drm::Clients& clients, const drm::Gpu& gpu, GpuUsers& users) {
  for (const drm::Client& client : clients.clients) {
    if (client.bus_id != gpu.bus_id) continue;
    std::uint64_t& bytes = users[client.pid];
    for (const auto& [region, amount] : client.memory_bytes) {
      if (IsOwnMemory(region)) bytes += amount;
    }
  }
}

void ReportUsers(const drm::Gpu& gpu, const GpuUsers& users, std::string_view count_metric,
                 std::string_view memory_metric, Report& report, std::string& data) {
  std::uint64_t sum = 0;
  for (const auto& [pid, bytes] : users) {
    sum += bytes;
    data += data.back() == '[' ? "{" : ",{";
    data += "\"bus_id\":\"" + gpu.bus_id + "\",\"pid\":" + std::to_string(pid) +
            ",\"memory_bytes\":" + std::to_string(bytes) + "}";
  }
  AddGpuSample(report, count_metric, gpu, static_cast<double>(users.size()));
  AddGpuSample(report, memory_metric, gpu, static_cast<double>(sum));
}

}  // namespace gpud
