// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "platform/text.h"
#include "sources/amdgpu/gpus.h"
#include "sources/drm/clients.h"
#include "sources/gpu/vendors.h"

namespace gpud::gpu {
namespace {

using Numbers = std::map<std::string, std::uint64_t>;

std::uint64_t Of(const Numbers& numbers, const std::string& key, std::uint64_t otherwise = 0) {
  const auto found = numbers.find(key);
  return found == numbers.end() ? otherwise : found->second;
}

/// The memory of the device itself: "vram", "vram0", "local0". Nothing where there is none of it,
/// as for GPUs that use the machine's.
std::optional<std::uint64_t> DeviceMemory(const drm::Client& client) {
  std::optional<std::uint64_t> sum;
  for (const auto& [region, bytes] : client.memory_bytes) {
    if (region.starts_with("vram") || region.starts_with("local")) sum = sum.value_or(0) + bytes;
  }
  return sum;
}

/// Busy share of the busiest class of engines since `before`, in percent.
double BusyPercent(const drm::Client& now, const drm::Client& before,
                   std::chrono::microseconds elapsed) {
  double busiest = 0;
  const auto take = [&](std::uint64_t used, std::uint64_t used_before, std::uint64_t of,
                        const std::string& engine) {
    if (used < used_before || of == 0) return;
    const auto engines =
        static_cast<double>(std::max<std::uint64_t>(Of(now.engine_capacity, engine, 1), 1));
    busiest = std::max(busiest, 100.0 * static_cast<double>(used - used_before) /
                                    (static_cast<double>(of) * engines));
  };
  for (const auto& [engine, ns] : now.engine_ns) {
    take(ns, Of(before.engine_ns, engine), static_cast<std::uint64_t>(elapsed.count()) * 1000,
         engine);
  }
  for (const auto& [engine, cycles] : now.engine_cycles) {
    const std::uint64_t total = Of(now.engine_total_cycles, engine);
    const std::uint64_t total_before = Of(before.engine_total_cycles, engine);
    take(cycles, Of(before.engine_cycles, engine), total - std::min(total, total_before), engine);
  }
  return std::min(busiest, 100.0);
}

std::optional<double> PercentOf(const drm::Client& client, const Inputs& vendors) {
  const auto* before = vendors.Previous<drm::Clients>();
  const auto elapsed = vendors.Elapsed<drm::Clients>();
  if (!before || elapsed.count() <= 0) return std::nullopt;
  const auto same =
      std::find_if(before->clients.begin(), before->clients.end(), [&](const drm::Client& other) {
        return other.id == client.id && other.pid == client.pid && other.bus_id == client.bus_id;
      });
  if (same == before->clients.end()) return std::nullopt;
  return BusyPercent(client, *same, elapsed);
}

void AddWord(std::string_view word, std::string& kind) {
  if (kind.find(word) == std::string::npos) kind += (kind.empty() ? "" : "+") + std::string(word);
}

/// By the engines that it has used: "compute", "graphics", "video".
void AddKind(const drm::Client& client, std::string& kind) {
  constexpr std::string_view kCompute[] = {"compute", "ccs"};
  constexpr std::string_view kGraphics[] = {"gfx", "render", "rcs"};
  for (const Numbers* engines : {&client.engine_ns, &client.engine_cycles}) {
    for (const auto& [engine, used] : *engines) {
      if (used == 0) continue;
      const auto is = [&engine = engine](std::string_view name) { return engine == name; };
      const bool compute = std::any_of(std::begin(kCompute), std::end(kCompute), is);
      const bool graphics = std::any_of(std::begin(kGraphics), std::end(kGraphics), is);
      AddWord(compute ? "compute" : graphics ? "graphics" : "video", kind);
    }
  }
}

/// What KFD tells of those that compute on AMD's. Most of them hold the GPU open too: both tell the
/// whole of their memory.
void AddKfd(const Inputs& vendors, Processes& all) {
  const auto& amd = vendors.Latest<amdgpu::Gpus>();
  if (!amd) return;
  for (const amdgpu::Gpu& gpu : amd->gpus) {
    if (!gpu.processes) continue;
    for (const amdgpu::ComputeProcess& process : *gpu.processes) {
      auto use = std::find_if(all.processes.begin(), all.processes.end(), [&](const Process& p) {
        return p.pid == process.pid && p.bus_id == gpu.base.bus_id;
      });
      if (use == all.processes.end()) {
        const auto place = std::find_if(all.gpus.begin(), all.gpus.end(),
                                        [&](const Gpu& g) { return g.bus_id == gpu.base.bus_id; });
        if (place == all.gpus.end()) continue;
        use = all.processes.emplace(use);
        static_cast<Gpu&>(*use) = *place;
        use->pid = process.pid;
      }
      AddWord("compute", use->kind);
      use->memory_bytes = std::max(use->memory_bytes.value_or(0), process.memory_bytes);
    }
  }
}

}  // namespace

void AddDrm(const Inputs& vendors, std::span<const Gpu> gpus, Processes& all) {
  const auto& read = vendors.Latest<drm::Clients>();
  if (!read && read.error().code == ErrorCode::kUnsupported) return;
  for (const Vendor vendor : {Vendor::kAmd, Vendor::kIntel}) {
    const bool there =
        std::any_of(gpus.begin(), gpus.end(), [&](const Gpu& gpu) { return gpu.vendor == vendor; });
    if (!there) continue;
    if (!read) {
      all.problems.push_back({vendor, {}, read.error().what});
    } else if (read->hidden_processes > 0) {
      all.problems.push_back({vendor,
                              {},
                              "the open files of " + std::to_string(read->hidden_processes) +
                                  " processes may not be looked at; run gpud as root"});
    }
  }
  if (!read) return;
  all.gpus.insert(all.gpus.end(), gpus.begin(), gpus.end());
  std::map<std::pair<std::string, std::uint32_t>, std::size_t> places;  // by bus id and pid
  for (const drm::Client& client : read->clients) {
    const auto [place, is_new] =
        places.emplace(std::pair(client.bus_id, client.pid), all.processes.size());
    if (is_new) {
      Process& use = all.processes.emplace_back();
      const auto gpu = std::find_if(gpus.begin(), gpus.end(),
                                    [&](const Gpu& g) { return g.bus_id == client.bus_id; });
      if (gpu != gpus.end()) static_cast<Gpu&>(use) = *gpu;
      use.vendor = client.driver == "amdgpu" ? Vendor::kAmd : Vendor::kIntel;
      use.bus_id = client.bus_id;
      use.pid = client.pid;
    }
    Process& use = all.processes[place->second];
    AddKind(client, use.kind);
    if (const auto memory = DeviceMemory(client)) {
      use.memory_bytes = use.memory_bytes.value_or(0) + *memory;
    }
    if (const auto percent = PercentOf(client, vendors)) {
      use.sm_percent = std::min(use.sm_percent.value_or(0) + *percent, 100.0);
    }
  }
  AddKfd(vendors, all);
}

}  // namespace gpud::gpu
