// SPDX-License-Identifier: Apache-2.0
// RepeatWindow: drops repeats of a kernel line, as some faults print thousands of them.
#pragma once

#include <map>
#include <string>

#include "components/component.h"

namespace gpud {

/// A line is a repeat when the same key came from the same origin less than `window` before; the
/// window starts at the first one and is not drawn out by repeats. (A forged line must not hide a
/// real one: hence the origin.)
class RepeatWindow {
 public:
  explicit RepeatWindow(std::chrono::seconds window) : window_(window) {}
  /// Remembers at most 1024 keys.
  bool IsRepeat(const KernelLine& line, const std::string& key);

 private:
  std::chrono::seconds window_;
  std::map<std::string, WallTime> first_seen_;
};

}  // namespace gpud
