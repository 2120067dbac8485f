// SPDX-License-Identifier: Apache-2.0
// /sys/devices/system/node: which processors and how much memory stand where.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sources/source.h"

namespace gpud::sysfs {

/// Counts of pages since boot (numastat).
struct NumaTraffic {
  std::uint64_t hits = 0;     ///< taken here as wanted
  std::uint64_t misses = 0;   ///< taken here although another node was wanted: that one was full
  std::uint64_t foreign = 0;  ///< wanted here and taken from another node: this one was full

  static constexpr auto Fields() {
    using T = NumaTraffic;
    return std::tuple{Field{"hits", &T::hits}, Field{"misses", &T::misses},
                      Field{"foreign", &T::foreign}};
  }
};

struct NumaNode {
  std::uint32_t id = 0;
  std::vector<std::uint32_t> cpus;  ///< ascending; none on a node of memory alone
  std::uint64_t total_bytes = 0, free_bytes = 0;
  std::uint64_t huge_pages = 0, huge_pages_free = 0;  ///< of the default size
  Result<NumaTraffic> traffic = Fail(ErrorCode::kInternal, "not read");

  static constexpr auto Fields() {
    using N = NumaNode;
    return std::tuple{Field{"id", &N::id},
                      Field{"cpus", &N::cpus},
                      Field{"total_bytes", &N::total_bytes},
                      Field{"free_bytes", &N::free_bytes},
                      Field{"huge_pages", &N::huge_pages},
                      Field{"huge_pages_free", &N::huge_pages_free},
                      Field{"traffic", &N::traffic}};
  }
};

struct Numa {
  std::vector<NumaNode> nodes;  ///< by id; those that have processors or memory

  static constexpr auto Fields() { return std::tuple{Field{"nodes", &Numa::nodes}}; }
};

/// "0-3,8" as numbers. Error: kParse, also for more than 65536 of them.
Result<std::vector<std::uint32_t>> ParseCpuList(std::string_view text);
/// Fills in the memory of a node. Source: drivers/base/node.c. Error: kParse without MemTotal.
Result<void> ParseNodeMemory(std::string_view text, NumaNode& node);
/// Source: Documentation/admin-guide/numastat.rst. Error: kParse.
Result<NumaTraffic> ParseNumastat(std::string_view text);

/// Error in place of the snapshot: kUnsupported where the kernel knows no nodes.
/// Source: Documentation/ABI/stable/sysfs-devices-node.
extern const SourceType kNuma;

}  // namespace gpud::sysfs
