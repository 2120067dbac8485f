// SPDX-License-Identifier: Apache-2.0
// Answers that several routes give in part.
#pragma once

#include <optional>
#include <vector>

#include "model/status.h"
#include "server/routes_wire.h"

namespace gpud::server {

/// The states of a component as a client sees them. With `compat` those that the original does not
/// know (Unknown, Initializing) are left out; nothing when none is left: old clients take a
/// component that is not in the list for unsupported, but may fall over an empty list of states.
std::optional<std::vector<HealthState>> ShownStates(const ComponentStatus& component, bool compat);

}  // namespace gpud::server
