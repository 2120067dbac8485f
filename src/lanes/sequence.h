// SPDX-License-Identifier: Apache-2.0
// SequenceTracker: by the kernel's numbers of its records, which ones are new and how many were
// lost between them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

namespace gpud::lanes {

class SequenceTracker {
 public:
  /// `next`: the record that is expected; nothing when any may be the first.
  explicit SequenceTracker(std::optional<std::uint64_t> next) : next_(next) {}

  struct Seen {
    bool fresh = false;
    bool first = false;      ///< of this run: what is lost was lost before it
    std::uint64_t lost = 0;  ///< records between the one before and this one that never came
  };
  Seen Take(std::uint64_t sequence) {
    if (next_ && sequence < *next_) return {};
    const std::uint64_t gap = next_ ? sequence - *next_ : 0;
    const std::uint64_t lost = gap - std::min(gap, unusable_);
    unusable_ = 0;
    next_ = sequence + 1;
    return {.fresh = true, .first = std::exchange(first_, false), .lost = lost};
  }
  /// A record came but could not be read, so that its number is unknown.
  void TakeUnusable() { ++unusable_; }

  std::optional<std::uint64_t> next() const { return next_; }

 private:
  std::optional<std::uint64_t> next_;
  std::uint64_t unusable_ = 0;
  bool first_ = true;
};

}  // namespace gpud::lanes
