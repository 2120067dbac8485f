// SPDX-License-Identifier: Apache-2.0
// Kernel lines of an out-of-memory kill: dozens of lines, one event for each victim.
#pragma once

#include "components/component.h"

namespace gpud::memory {

inline constexpr std::string_view kOomNeedles[] = {
    "invoked oom-killer", "oom-kill:constraint=", " killed as a result of limit of ",
    "Killed process "};

/// Event `OOM` (mm/oom_kill.c). Linux 5.0 and later print "oom-kill:constraint=...", which has all
/// facts; before, the victim's group comes first ("Task in ... killed as a result of limit of ...")
/// and then "Killed process PID (NAME)". The latter is printed by all kernels and for each victim,
/// so it makes the event when the line with the facts did not.
class OomMatcher final : public LineMatcher {
 public:
  std::optional<Event> OnLine(const KernelLine& line) override;

 private:
  std::string group_;     ///< of the victim to come, from the older form
  std::string told_pid_;  ///< of the victim that the newer form has told
};

}  // namespace gpud::memory
