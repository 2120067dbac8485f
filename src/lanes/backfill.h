// SPDX-License-Identifier: Apache-2.0
// Backfill: kernel lines that the ring no longer holds, or that an earlier boot wrote after gpud
// had read for the last time, out of systemd's journal.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <string>

#include "lanes/log_input.h"
#include "platform/clock.h"

namespace gpud::lanes {

/// A part of one boot's kernel log, by the kernel's log clock; neither end belongs to it.
struct LogSpan {
  std::string boot_id;
  WallTime boot_wall{};  ///< when that clock was zero
  std::chrono::microseconds after{-1};
  std::chrono::microseconds before = std::chrono::microseconds::max();
};

class Backfill {
 public:
  /// False when there is no journal of that boot.
  bool Add(const Root& root, LogSpan span);
  bool empty() const { return parts_.empty(); }
  /// The next record, in the form of /dev/kmsg but for its number, and the span that it may be of
  /// (its time is for the caller to compare); false when this call gave none.
  bool Next(std::string_view& record, LogSpan& span);

 private:
  struct Part {
    LogSpan span;
    std::unique_ptr<LogInput> input;
  };
  std::deque<Part> parts_;
};

}  // namespace gpud::lanes
