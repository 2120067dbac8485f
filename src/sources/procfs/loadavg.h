// SPDX-License-Identifier: Apache-2.0
// /proc/loadavg: how many tasks want to run or wait uninterruptibly, averaged.
#pragma once

#include <string_view>

#include "sources/source.h"

namespace gpud::procfs {

/// Means over 1, 5 and 15 minutes of tasks that run, want to run, or are in uninterruptible sleep.
struct LoadAverage {
  double one_minute = 0, five_minutes = 0, fifteen_minutes = 0;
  std::uint64_t threads = 0;  ///< that exist now

  static constexpr auto Fields() {
    using L = LoadAverage;
    return std::tuple{Field{"one_minute", &L::one_minute}, Field{"five_minutes", &L::five_minutes},
                      Field{"fifteen_minutes", &L::fifteen_minutes}, Field{"threads", &L::threads}};
  }
};

/// Error: kParse. Source: proc_loadavg(5).
Result<LoadAverage> ParseLoadAverage(std::string_view text);

extern const SourceType kLoadAverage;

}  // namespace gpud::procfs
