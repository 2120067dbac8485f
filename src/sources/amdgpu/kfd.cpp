// SPDX-License-Identifier: Apache-2.0
#include "sources/amdgpu/kfd.h"

#include <array>
#include <cstdio>

#include "platform/text.h"
#include "sources/sysfs/value_file.h"

namespace gpud::amdgpu {
namespace {

using Properties = std::map<std::string, std::uint64_t>;

/// "name value" a line.
Properties ReadProperties(const Root& root, const std::string& path) {
  Properties properties;
  const std::string text = root.Read(path).value_or(std::string());
  std::string_view rest = text;
  for (std::string_view line; NextLine(rest, line);) {
    const auto words = SplitBlanks(line);
    if (words.size() != 2) continue;
    if (const auto value = ParseNumber<std::uint64_t>(words[1])) {
      properties[std::string(words[0])] = *value;
    }
  }
  return properties;
}

std::uint64_t Get(const Properties& properties, const char* name) {
  const auto found = properties.find(name);
  return found == properties.end() ? 0 : found->second;
}

/// location_id: the bus in bits 8 to 15, device and function below; a partition's number above.
std::string BusId(const Properties& node) {
  const auto location = static_cast<unsigned>(Get(node, "location_id") & 0xffff);
  std::array<char, 24> text;
  std::snprintf(text.data(), text.size(), "%04x:%02x:%02x.0",
                static_cast<unsigned>(Get(node, "domain")), location >> 8, (location & 0xff) >> 3);
  return text.data();
}

void AddPeers(const Root& root, const std::string& node,
              const std::map<std::string, std::string>& bus_ids, KfdGpu& gpu) {
  constexpr std::uint64_t kXgmi = 11;  // HSA_IOLINKTYPE_XGMI
  for (const std::string& link :
       root.List(node + "/io_links").value_or(std::vector<std::string>{})) {
    const auto properties = ReadProperties(root, node + "/io_links/" + link + "/properties");
    if (Get(properties, "type") != kXgmi) continue;
    const auto peer = bus_ids.find(std::to_string(Get(properties, "node_to")));
    if (peer != bus_ids.end()) gpu.peers.insert(peer->second);
  }
}

void AddProcesses(const Root& root, std::map<std::string, KfdGpu>& gpus) {
  const std::string folder = "/sys/class/kfd/kfd/proc/";
  const auto pids = root.List(folder);
  if (!pids) {
    for (auto& [bus_id, gpu] : gpus) gpu.processes = tl::unexpected<Error>(pids.error());
    return;
  }
  for (const std::string& pid : *pids) {
    const auto number = ParseNumber<std::uint32_t>(pid);
    if (!number) continue;
    for (auto& [bus_id, gpu] : gpus) {
      ComputeProcess process{.pid = *number};
      bool uses = false;
      for (const std::string& id : gpu.ids) {
        const auto memory = sysfs::ReadUnsigned(root, folder + pid + "/vram_" + id);
        if (!memory) continue;
        uses = true;
        process.memory_bytes += *memory;
        process.sdma_us += sysfs::ReadUnsigned(root, folder + pid + "/sdma_" + id).value_or(0);
      }
      // A process that has opened KFD is listed for each GPU, also for those it never touched.
      if (uses && (process.memory_bytes > 0 || process.sdma_us > 0)) {
        gpu.processes->push_back(process);
      }
    }
  }
}

}  // namespace

Result<std::map<std::string, KfdGpu>> ReadKfd(const Root& root) {
  const std::string folder = "/sys/class/kfd/kfd/topology/nodes/";
  std::map<std::string, KfdGpu> gpus;
  const auto nodes = root.List(folder);
  if (!nodes) {
    if (nodes.error().code == ErrorCode::kNotFound) return gpus;
    return Pass(nodes, "KFD");
  }
  std::map<std::string, std::string> bus_ids;  // by node
  for (const std::string& node : *nodes) {
    const auto id = sysfs::ReadText(root, folder + node + "/gpu_id");
    if (!id || *id == "0") continue;  // a processor, or a GPU that our cgroup may not use
    const auto properties = ReadProperties(root, folder + node + "/properties");
    const std::string bus_id = BusId(properties);
    bus_ids[node] = bus_id;
    gpus[bus_id].ids.push_back(*id);
    gpus[bus_id].hive_id = Get(properties, "hive_id");
  }
  for (const auto& [node, bus_id] : bus_ids) {
    AddPeers(root, folder + node, bus_ids, gpus[bus_id]);
    gpus[bus_id].peers.erase(bus_id);
  }
  AddProcesses(root, gpus);
  return gpus;
}

}  // namespace gpud::amdgpu
