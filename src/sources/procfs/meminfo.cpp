// SPDX-License-Identifier: Apache-2.0
#include "sources/procfs/meminfo.h"

#include <limits>

#include "platform/text.h"

namespace gpud::procfs {
namespace {

std::optional<std::uint64_t> KibibytesToBytes(std::string_view value) {
  const auto kibibytes = ParseNumber<std::uint64_t>(value.substr(0, value.find(' ')));
  if (!kibibytes || *kibibytes > std::numeric_limits<std::uint64_t>::max() / 1024) return {};
  return *kibibytes * 1024;
}

}  // namespace

Result<Meminfo> ParseMeminfo(std::string_view text) {
  Meminfo memory;
  struct Row {
    std::string_view name;
    std::uint64_t* target;
    bool needed = false;
    bool seen = false;
  };
  Row rows[] = {{"MemTotal", &memory.total_bytes, true},
                {"MemFree", &memory.free_bytes, true},
                {"MemAvailable", &memory.available_bytes, true},
                {"Buffers", &memory.buffers_bytes},
                {"Cached", &memory.cached_bytes},
                {"Shmem", &memory.shared_bytes},
                {"Dirty", &memory.dirty_bytes},
                {"SwapTotal", &memory.swap_total_bytes},
                {"SwapFree", &memory.swap_free_bytes},
                {"VmallocTotal", &memory.vmalloc_total_bytes},
                {"VmallocUsed", &memory.vmalloc_used_bytes},
                {"AnonHugePages", &memory.anonymous_huge_bytes},
                {"Hugepagesize", &memory.huge_page_bytes}};
  for (std::string_view line; NextLine(text, line);) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = Trim(line.substr(colon + 1));
    if (name == "HardwareCorrupted") memory.hardware_corrupted_bytes = KibibytesToBytes(value);
    if (name == "HugePages_Total" || name == "HugePages_Free") {
      const auto pages = ParseNumber<std::uint64_t>(value);
      if (!pages) return Fail(ErrorCode::kParse, "/proc/meminfo: bad " + std::string(name));
      (name == "HugePages_Total" ? memory.huge_pages : memory.huge_pages_free) = *pages;
    }
    for (Row& row : rows) {
      if (row.name != name) continue;
      const auto bytes = KibibytesToBytes(value);
      if (!bytes) return Fail(ErrorCode::kParse, "/proc/meminfo: bad " + std::string(name));
      *row.target = *bytes;
      row.seen = true;
    }
  }
  for (const Row& row : rows) {
    if (row.needed && !row.seen) {
      return Fail(ErrorCode::kParse, "/proc/meminfo: no " + std::string(row.name));
    }
  }
  return memory;
}

constinit const SourceType kMeminfo{
    .name = "procfs/meminfo",
    .snapshot = &kSnapshot<Meminfo>,
    .read =
        [](const Host& host, Inputs& into) {
          into.Put<Meminfo>(host.root.Read("/proc/meminfo").and_then(ParseMeminfo));
        },
};

}  // namespace gpud::procfs
