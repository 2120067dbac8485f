// SPDX-License-Identifier: Apache-2.0
// Growth: how fast a process's memory grows, from a bounded number of its readings.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "platform/clock.h"

namespace gpud::gpu {

class Growth {
 public:
  /// Readings that come closer than a minute after the one kept before are left out. 16 are kept:
  /// the look-back widens from a quarter of an hour to four hours and then moves on.
  void Add(BootTime when, std::uint64_t bytes);

  /// The median of the slopes between all readings (Theil-Sen): a spike, or the ramp of the start
  /// once a quarter of the readings lies behind it, does not move it. Nothing below 5 readings.
  std::optional<double> MibPerHour() const;

 private:
  struct Reading {
    BootTime when{};
    std::uint64_t bytes = 0;
  };
  std::vector<Reading> readings_;  // by time
  std::chrono::microseconds step_ = std::chrono::minutes(1);
};

}  // namespace gpud::gpu
