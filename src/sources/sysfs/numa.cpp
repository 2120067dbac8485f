// SPDX-License-Identifier: Apache-2.0
#include "sources/sysfs/numa.h"

#include <algorithm>

#include "platform/text.h"
#include "sources/sysfs/value_file.h"

namespace gpud::sysfs {
namespace {

constexpr std::string_view kFolder = "/sys/devices/system/node";
constexpr std::uint32_t kMostCpus = 65536;

Result<NumaNode> ReadNode(const Root& root, std::uint32_t id) {
  const std::string path = std::string(kFolder) + "/node" + std::to_string(id);
  auto cpus = ReadText(root, path + "/cpulist").and_then(ParseCpuList);
  if (!cpus) return Pass(std::move(cpus), path);
  NumaNode node{.id = id,
                .cpus = *std::move(cpus),
                .traffic = root.Read(path + "/numastat").and_then(ParseNumastat)};
  auto memory = root.Read(path + "/meminfo").and_then([&](const std::string& text) {
    return ParseNodeMemory(text, node);
  });
  if (!memory) return Pass(std::move(memory), path);
  return node;
}

Result<Numa> ReadNuma(const Root& root) {
  const auto names = root.List(kFolder);
  if (!names && names.error().code != ErrorCode::kNotFound) return Pass(names, "NUMA");
  Numa numa;
  for (const std::string& name : names.value_or(std::vector<std::string>{})) {
    if (!name.starts_with("node")) continue;
    const auto id = ParseNumber<std::uint32_t>(std::string_view(name).substr(4));
    if (!id) continue;
    auto node = ReadNode(root, *id);
    if (!node) return tl::unexpected<Error>(std::move(node).error());
    if (node->cpus.empty() && node->total_bytes == 0) continue;
    numa.nodes.push_back(*std::move(node));
  }
  if (numa.nodes.empty()) {
    return Fail(ErrorCode::kUnsupported, std::string(kFolder) + ": this kernel knows no nodes");
  }
  std::sort(numa.nodes.begin(), numa.nodes.end(),
            [](const NumaNode& a, const NumaNode& b) { return a.id < b.id; });
  return numa;
}

}  // namespace

Result<std::vector<std::uint32_t>> ParseCpuList(std::string_view text) {
  std::vector<std::uint32_t> cpus;
  text = Trim(text);
  if (text.empty()) return cpus;
  for (const std::string_view range : Split(text, ',')) {
    const std::size_t dash = range.find('-');
    const auto first = ParseNumber<std::uint32_t>(range.substr(0, dash));
    const auto last =
        dash == std::string_view::npos ? first : ParseNumber<std::uint32_t>(range.substr(dash + 1));
    if (!first || !last || *last < *first || *last >= kMostCpus) {
      return Fail(ErrorCode::kParse, "\"" + std::string(text.substr(0, 40)) + "\" is no list");
    }
    for (std::uint32_t cpu = *first; cpu <= *last; ++cpu) cpus.push_back(cpu);
  }
  return cpus;
}

Result<void> ParseNodeMemory(std::string_view text, NumaNode& node) {
  bool has_total = false;
  for (std::string_view line; NextLine(text, line);) {
    const auto words = SplitBlanks(line);  // Node 0 MemTotal: 131072 kB
    if (words.size() < 4) continue;
    const auto value = ParseNumber<std::uint64_t>(words[3]);
    if (!value) continue;
    if (words[2] == "MemTotal:") {
      node.total_bytes = *value * 1024;
      has_total = true;
    }
    if (words[2] == "MemFree:") node.free_bytes = *value * 1024;
    if (words[2] == "HugePages_Total:") node.huge_pages = *value;
    if (words[2] == "HugePages_Free:") node.huge_pages_free = *value;
  }
  if (!has_total) return Fail(ErrorCode::kParse, "meminfo: no MemTotal");
  return {};
}

Result<NumaTraffic> ParseNumastat(std::string_view text) {
  NumaTraffic traffic;
  int seen = 0;
  for (std::string_view line; NextLine(text, line);) {
    const auto words = SplitBlanks(line);
    if (words.size() != 2) continue;
    std::uint64_t* target = nullptr;
    if (words[0] == "numa_hit") target = &traffic.hits;
    if (words[0] == "numa_miss") target = &traffic.misses;
    if (words[0] == "numa_foreign") target = &traffic.foreign;
    const auto value = ParseNumber<std::uint64_t>(words[1]);
    if (!target || !value) continue;
    *target = *value;
    ++seen;
  }
  if (seen != 3) return Fail(ErrorCode::kParse, "numastat: no hits, misses and foreign pages");
  return traffic;
}

constinit const SourceType kNuma{
    .name = "sysfs/numa",
    .snapshot = &kSnapshot<Numa>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadNuma(host.root)); },
};

}  // namespace gpud::sysfs
