// SPDX-License-Identifier: Apache-2.0
// Fold: one event for the first of many equal ones within a minute, and one more that says how
// often it was repeated, so that a flood of one line is neither a flood of events nor lost.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "model/event.h"

namespace gpud::lanes {

class Fold {
 public:
  static constexpr std::chrono::seconds kWindow{60};
  static constexpr std::size_t kMostOpen = 1000;

  /// Takes an event, complete with its identity, and gives on to `out` what is to be told now: the
  /// event, unless it repeats one of the last minute. `sequence`: of its record.
  void Take(Event event, std::uint64_t sequence, BootTime now, std::vector<Event>& out);
  /// Ends the windows that are over, by the time of the line at hand or by the clock, and tells of
  /// their repeats.
  void CloseOld(std::optional<WallTime> line_time, BootTime now, std::vector<Event>& out);
  void CloseAll(std::vector<Event>& out);

  /// When the next repeats are to be told at the latest; nothing when there are none.
  std::optional<BootTime> due() const;
  /// The first record of which repeats are not told yet: reading that starts again there loses
  /// none.
  std::optional<std::uint64_t> untold_since() const;

 private:
  struct Open {
    std::uint64_t key = 0;
    Origin origin{};  // a program must not hide a line of the kernel behind a hash of its choice
    WallTime first{};
    BootTime opened{};
    std::uint64_t sequence = 0;
    std::string identity;
    std::size_t repeats = 0;
    std::unique_ptr<Event> last;  // of the repeats
  };
  using Windows = std::list<Open>;

  void Close(Windows::iterator window, std::vector<Event>& out);
  const Open* FirstUntold() const;

  Windows windows_;  // in the order of opening
  std::unordered_map<std::uint64_t, Windows::iterator> by_key_;
};

}  // namespace gpud::lanes
