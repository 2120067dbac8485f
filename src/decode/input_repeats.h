// SPDX-License-Identifier: Apache-2.0
// InputRepeats: a report shows the same kernel log several times (dmesg, the journal, syslog), and
// each message must count once.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "decode/input.h"

namespace gpud::decode {

/// Bounded: remembers the last 64 thousand messages or so (4 MiB). Give it only the messages that
/// matter.
class InputRepeats {
 public:
  /// True when an earlier section had this message already. Within a section equal messages are
  /// different ones (a storm of equal lines is a storm). The same message is: of the same kernel
  /// time and text; without a kernel time, of the same second and text; with a kernel time in one
  /// section and none in the other, of the same text, as often as the other section had it.
  bool Seen(const InputLine& line, std::uint64_t section);

 private:
  struct Entry {
    std::uint64_t section = 0;
    std::uint32_t in_section = 0;                     ///< how often in `section`
    std::uint32_t different = 0;                      ///< how many messages that makes
    std::uint32_t by_kernel_time = 0, by_second = 0;  ///< of a text: how many messages of each kind
  };
  Entry& At(std::uint64_t key);

  std::unordered_map<std::uint64_t, Entry> young_, old_;
};

}  // namespace gpud::decode
