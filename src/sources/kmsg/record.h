// SPDX-License-Identifier: Apache-2.0
// A record of the kernel log: /dev/kmsg form, "PRIORITY,SEQUENCE,TIMESTAMP_US,FLAGS;TEXT".
// Source: Documentation/ABI/testing/dev-kmsg.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "platform/result.h"

namespace gpud::kmsg {

struct Record {
  unsigned priority = 0;  ///< facility * 8 + severity
  std::uint64_t sequence = 0;
  std::chrono::microseconds timestamp{};  ///< since boot, by the kernel's log clock
  std::string text;  ///< escapes (\xNN) undone, continuation lines (" KEY=value") cut off

  unsigned facility() const { return priority >> 3; }
  unsigned severity() const { return priority & 7; }
};

/// Error: kParse, naming what is wrong.
Result<Record> ParseRecord(std::string_view raw);

}  // namespace gpud::kmsg
