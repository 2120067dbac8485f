// SPDX-License-Identifier: Apache-2.0
// Kernel lines that tell of tasks and processors that do not get on.
#pragma once

#include "components/component.h"

namespace gpud::cpu {

inline constexpr std::string_view kNeedles[] = {
    "blocked for more than ", "blocked in I/O wait for more than ", "soft lockup - CPU#"};

/// `cpu_blocked_too_long` (kernel/hung_task.c) and `cpu_soft_lockup` (kernel/watchdog.c). They say
/// what happened and leave health alone: the cause is another component's.
class LockupMatcher final : public LineMatcher {
 public:
  std::optional<Event> OnLine(const KernelLine& line) override;
};

}  // namespace gpud::cpu
