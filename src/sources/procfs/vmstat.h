// SPDX-License-Identifier: Apache-2.0
// /proc/vmstat: counters of the memory management since boot.
#pragma once

#include <optional>
#include <string_view>

#include "sources/source.h"

namespace gpud::procfs {

/// Counters since boot. Nothing where this kernel does not count it.
struct Vmstat {
  std::optional<std::uint64_t> swap_in_bytes, swap_out_bytes;
  std::optional<std::uint64_t> major_faults;
  std::optional<std::uint64_t> oom_kills;      ///< of containers too (Linux 4.13)
  std::optional<std::uint64_t> scanned_pages;  ///< looked at by reclaim, kswapd's and direct

  static constexpr auto Fields() {
    using V = Vmstat;
    return std::tuple{Field{"swap_in_bytes", &V::swap_in_bytes},
                      Field{"swap_out_bytes", &V::swap_out_bytes},
                      Field{"major_faults", &V::major_faults}, Field{"oom_kills", &V::oom_kills},
                      Field{"scanned_pages", &V::scanned_pages}};
  }
};

/// Error: kParse when it holds none of these. Source: mm/vmstat.c; proc_vmstat(5).
Result<Vmstat> ParseVmstat(std::string_view text, std::uint64_t page_bytes = 4096);

extern const SourceType kVmstat;

}  // namespace gpud::procfs
