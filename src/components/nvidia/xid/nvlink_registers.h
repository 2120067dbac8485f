// SPDX-License-Identifier: Apache-2.0
// The registers of an Xid 74 line (NVLink up to Hopper).
#pragma once

#include <optional>
#include <string_view>

#include "model/advice.h"
#include "model/event.h"

namespace gpud::nvidia_xid {

struct RegisterVerdict {
  EventType severity = EventType::kFatal;
  Advice action = Advice::kResetGpu;
  Advice follow_up = Advice::kNone;
  std::string_view what;  ///< in words
};

/// Judges "link 14(0x10000, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0)": the gravest of the bits that are set
/// decides. Nothing when there are no registers, or all are zero or of no known meaning.
std::optional<RegisterVerdict> JudgeRegisters(std::string_view text);

}  // namespace gpud::nvidia_xid
