// SPDX-License-Identifier: Apache-2.0
// Kernel messages as lines of text: what dmesg, journalctl and syslog print before a message.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "decode/input.h"
#include "sources/kmsg/stamp.h"

namespace gpud::decode {

/// Of `dmesg -x`: "err" is 3, "kern" is 0.
std::optional<unsigned> LevelByName(std::string_view name);
std::optional<unsigned> FacilityByName(std::string_view name);

/// Reads what stands before the message. Remembers the time of the last line (dmesg -H tells only
/// the difference) and the host of a journal.
class TextForms {
 public:
  explicit TextForms(kmsg::StampReader& stamps) : stamps_(stamps) {}

  /// True when `line` has one of the forms; `into` then has its facts, and its text is the rest of
  /// `line`.
  bool Read(std::string_view line, InputLine& into);

 private:
  bool ReadStamped(std::string_view& rest, InputLine& into);
  bool ReadBracket(std::string_view& rest, InputLine& into);
  bool ReadWallStamp(std::string_view& rest, InputLine& into);
  bool ReadRfc5424(std::string_view& rest, InputLine& into);

  kmsg::StampReader& stamps_;
  std::optional<WallTime> last_wall_;
  std::string journal_host_;  // of journalctl -o short-monotonic
};

}  // namespace gpud::decode
