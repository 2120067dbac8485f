// SPDX-License-Identifier: Apache-2.0
// What to do about a fault, judged by whether reboots have helped against it before.
#pragma once

#include <optional>
#include <span>

#include "model/health.h"

namespace gpud {

/// Failures of one kind and the reboots, both newest first. Nothing when a reboot came after the
/// last failure (it may have cured it) or there is no failure; hardware inspection when the failure
/// has come back after two different reboots; else a reboot.
std::optional<RepairAction> ActionFromHistory(std::span<const WallTime> failures,
                                              std::span<const WallTime> reboots);

}  // namespace gpud
