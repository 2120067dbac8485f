// SPDX-License-Identifier: Apache-2.0
// Rules: what may not stand together in one verdict. The build holds data/*.csv to them, and a
// site's overlay is held to the same.
#pragma once

#include <string_view>

#include "model/advice.h"
#include "model/event.h"

namespace gpud::catalog {

/// The severities that a row may have, as data and overlay write them.
inline constexpr std::string_view kSeverityWords = "info, warning, critical, fatal";

/// "fatal" or "Fatal"; false for any other word.
constexpr bool ParseSeverity(std::string_view word, EventType& severity) {
  for (const EventType type :
       {EventType::kInfo, EventType::kWarning, EventType::kCritical, EventType::kFatal}) {
    const std::string_view known = Word(type);
    const bool same_start =
        !word.empty() && (word[0] == known[0] || word[0] == known[0] - 'A' + 'a');
    if (same_start && word.substr(1) == known.substr(1)) {
      severity = type;
      return true;
    }
  }
  return false;
}

/// True for what takes a GPU, a fabric or a node down for a moment.
constexpr bool IsReset(Advice advice) {
  return advice == Advice::kResetGpu || advice == Advice::kResetFabric ||
         advice == Advice::kRebootSystem;
}

/// What is wrong with the pair, for a person; empty when nothing is.
constexpr std::string_view Contradiction(EventType severity, Advice action) {
  if (severity == EventType::kFatal && action == Advice::kIgnore) {
    return "fatal, yet no action is required";
  }
  if (severity == EventType::kFatal && action == Advice::kNone) return "fatal, yet no action";
  if (severity == EventType::kInfo && (IsReset(action) || action == Advice::kRestartVm)) {
    return "info, yet something must be reset or restarted";
  }
  return {};
}

/// The same for the mark "a reboot of the node is a sound recovery".
constexpr std::string_view RebootContradiction(EventType severity, Advice action, bool worthy) {
  if (worthy && severity == EventType::kInfo) return "info, yet worth a reboot";
  if (worthy && action == Advice::kIgnore) return "no action is required, yet worth a reboot";
  if (!worthy && IsReset(action)) return "a reset or reboot is asked for, yet none is worth it";
  return {};
}

}  // namespace gpud::catalog
