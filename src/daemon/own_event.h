// SPDX-License-Identifier: Apache-2.0
// Events of the daemon's own making.
#pragma once

#include <string>

#include "model/event.h"

namespace gpud::daemon {

/// Metadata key of "set healthy": behind it the component, as its value the time in microseconds.
inline constexpr std::string_view kClearedPrefix = "cleared_us.";

/// An event that gpud itself saw, complete with its identity.
Event OwnEvent(std::string component, WallTime time, std::string name, EventType type,
               std::string message);

}  // namespace gpud::daemon
