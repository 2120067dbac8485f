// SPDX-License-Identifier: Apache-2.0
// EventLog: the newest events in memory, for the checks and for quick answers. The store has all.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "model/event.h"
#include "store/store.h"

namespace gpud::daemon {

/// Bounded: the newest `most_per_component` of a component. Used on the loop's thread.
class EventLog {
 public:
  explicit EventLog(std::size_t most_per_component = 200)
      : most_per_component_(most_per_component) {}

  /// False when the component has an event of this identity already, and this one tells no more.
  bool Add(Event event);
  /// All events newer than `time` are here from now on (the store's look-back has been added).
  void SetCompleteSince(WallTime time) { complete_since_ = time; }

  /// What may act on the component's health: newer than `cleared`, not written by a program; newest
  /// first.
  std::vector<Event> Acting(const std::string& component, WallTime cleared) const;
  /// True when the answer to the query is all here.
  bool Covers(const store::EventQuery& query) const;
  /// Newest first.
  std::vector<Event> Query(const store::EventQuery& query) const;

 private:
  struct Bucket {
    std::deque<Event> events;  ///< newest first
    WallTime dropped_until{};  ///< time of the newest one that fell out
  };
  std::size_t most_per_component_;
  std::map<std::string, Bucket> buckets_;
  WallTime complete_since_ = WallTime::max();
};

}  // namespace gpud::daemon
