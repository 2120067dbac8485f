// SPDX-License-Identifier: Apache-2.0
// Injections: lines that gpud itself was asked to write into the kernel log and will read again.
#pragma once

#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "platform/clock.h"

namespace gpud::lanes {

class Injections {
 public:
  /// Each line of `message`, as WriteKernelLog writes it, may come once in the next 10 s. May be
  /// called from any thread.
  void Expect(std::string_view message, BootTime now);
  /// True when a line of this text is expected; it is not expected again then.
  bool Take(std::string_view text, BootTime now);

 private:
  static constexpr std::chrono::seconds kWindow{10};
  static constexpr std::size_t kMost = 256;
  struct Expected {
    std::string text;
    BootTime until{};
  };
  std::mutex mutex_;              // guards expected_
  std::list<Expected> expected_;  // the oldest first
};

/// The records that WriteKernelLog makes of a message: its lines that are not empty, tabs as
/// blanks, at most 976 bytes each.
std::vector<std::string> KernelLogLines(std::string_view message);

}  // namespace gpud::lanes
