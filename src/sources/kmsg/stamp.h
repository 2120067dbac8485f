// SPDX-License-Identifier: Apache-2.0
// The time stamps of logs: as the kernel, dmesg, the journal and syslog write them before a line.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "platform/clock.h"

namespace gpud::kmsg {

/// "  12345.678901", seconds since boot by the kernel's log clock: always six digits behind the
/// point, which tells it from the stamps of other programs (the X server has three).
std::optional<std::chrono::microseconds> ParseKernelSeconds(std::string_view text);

/// A wall time at the start of a text, and how many bytes it takes there.
struct Stamp {
  WallTime time{};
  std::size_t size = 0;
};

/// Remembers the minute of the last line: most lines are of the same one, and mktime(3) is slow.
class StampReader {
 public:
  explicit StampReader(WallTime now) : now_(now) {}

  /// "Nov 24 21:47:39", then perhaps ".123456": local time, the year such that it is not from the
  /// future (but for a day of grace: the other clock may be ahead, and zones differ).
  std::optional<Stamp> MonthDay(std::string_view text);
  /// "Tue Nov 24 21:47:39 2026", local time (dmesg -T).
  std::optional<Stamp> Ctime(std::string_view text);
  /// "Nov24 21:47", the first line of a minute in dmesg -H.
  std::optional<Stamp> MonthMinute(std::string_view text);
  /// "2026-11-24T21:47:39", then perhaps a fraction behind '.' or ',', and an offset as Z, +01:00
  /// or +0100; without one it is local time. The 'T' may be a blank.
  std::optional<Stamp> Iso(std::string_view text);

 private:
  /// `year` 0: to be found. `month` 0 .. 11.
  WallTime LocalMinute(int year, int month, int day, int hour, int minute);

  WallTime now_;
  std::int64_t known_minute_ = -1;
  WallTime known_time_{};
};

}  // namespace gpud::kmsg
