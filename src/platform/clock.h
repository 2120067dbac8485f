// SPDX-License-Identifier: Apache-2.0
// Time, as an argument: wall time for people and the wire, boot time for deadlines and rates.
#pragma once

#include <chrono>

namespace gpud {

/// Wall time in microseconds, UTC. May jump. The zero value means "no time" and is null on the
/// wire.
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;

/// The clock behind BootTime: CLOCK_BOOTTIME, which never jumps and counts suspended time too
/// (clock_gettime(2)).
struct BootClock {
  using duration = std::chrono::microseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock, duration>;
  static constexpr bool is_steady = true;
};

/// Time since the machine started, in microseconds.
using BootTime = BootClock::time_point;

/// The two clocks of a machine.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime Wall() const = 0;  ///< for people and the wire; may jump
  virtual BootTime Boot() const = 0;  ///< for deadlines and rates; never jumps
};

/// The clocks of the kernel that we run on.
class SystemClock final : public Clock {
 public:
  WallTime Wall() const override;
  BootTime Boot() const override;
};

/// Whole seconds of a duration, towards zero.
template <class Rep, class Period>
constexpr std::int64_t Seconds(std::chrono::duration<Rep, Period> duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

}  // namespace gpud
