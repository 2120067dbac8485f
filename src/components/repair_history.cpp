// SPDX-License-Identifier: Apache-2.0
#include "components/repair_history.h"

#include <algorithm>

namespace gpud {

std::optional<RepairAction> ActionFromHistory(std::span<const WallTime> failures,
                                              std::span<const WallTime> reboots) {
  constexpr int kVainReboots = 2;
  if (failures.empty()) return std::nullopt;
  if (!reboots.empty() && reboots.front() > failures.front()) return std::nullopt;
  // A reboot was in vain when the failure came again before the next reboot.
  int vain = 0;
  for (std::size_t i = 0; i < reboots.size(); ++i) {
    const WallTime from = reboots[i];
    const WallTime until = i == 0 ? WallTime::max() : reboots[i - 1];
    vain += std::any_of(failures.begin(), failures.end(),
                        [&](WallTime failure) { return failure >= from && failure < until; });
  }
  return vain >= kVainReboots ? RepairAction::kInspectHardware : RepairAction::kReboot;
}

}  // namespace gpud
