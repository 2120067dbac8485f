// SPDX-License-Identifier: Apache-2.0
// /proc/pressure: the share of time in which tasks stood still for want of a resource (PSI).
#pragma once

#include <optional>
#include <string_view>

#include "sources/source.h"

namespace gpud::procfs {

/// Shares of wall time, in percent, over 10, 60 and 300 s, and the sum since boot.
struct Stall {
  double avg10_percent = 0, avg60_percent = 0, avg300_percent = 0;
  std::uint64_t total_microseconds = 0;

  bool operator==(const Stall&) const = default;
  static constexpr auto Fields() {
    using S = Stall;
    return std::tuple{Field{"avg10_percent", &S::avg10_percent},
                      Field{"avg60_percent", &S::avg60_percent},
                      Field{"avg300_percent", &S::avg300_percent},
                      Field{"total_microseconds", &S::total_microseconds}};
  }
};

struct Pressure {
  Stall some;                 ///< at least one task stood still
  std::optional<Stall> full;  ///< all of them did; not told for the CPU before Linux 5.13

  bool operator==(const Pressure&) const = default;
  static constexpr auto Fields() {
    return std::tuple{Field{"some", &Pressure::some}, Field{"full", &Pressure::full}};
  }
};

struct Pressures {
  Result<Pressure> cpu = Fail(ErrorCode::kInternal, "not read");
  Result<Pressure> memory = Fail(ErrorCode::kInternal, "not read");
  Result<Pressure> io = Fail(ErrorCode::kInternal, "not read");

  static constexpr auto Fields() {
    return std::tuple{Field{"cpu", &Pressures::cpu}, Field{"memory", &Pressures::memory},
                      Field{"io", &Pressures::io}};
  }
};

/// One file. Error: kParse. Source: Documentation/accounting/psi.rst (Linux 4.20).
Result<Pressure> ParsePressure(std::string_view text);

/// Error in place of the snapshot: kUnsupported when the kernel has no PSI or it is off (psi=0).
extern const SourceType kPressures;

}  // namespace gpud::procfs
