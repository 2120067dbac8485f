// SPDX-License-Identifier: Apache-2.0
// The processes below a run's own process, which is their subreaper: none of them, daemons and
// sessions of their own included, can leave.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

#include "plugins/cgroup.h"

namespace gpud::plugins {

/// All processes below `ancestor`, from /proc.
std::vector<int> Descendants(int ancestor);

struct TreeEnd {
  std::uint64_t killed = 0;       ///< processes that had to be ended
  std::uint64_t left_behind = 0;  ///< of them, that SIGKILL did not end (in the kernel, "D")
};

/// Ends all processes below this one: SIGTERM, after `grace` SIGKILL until none is left. Reaps
/// them. `meanwhile` is called every few milliseconds.
TreeEnd EndTree(const RunGroup& group, std::chrono::milliseconds grace,
                const std::function<void()>& meanwhile);

}  // namespace gpud::plugins
