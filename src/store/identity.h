// SPDX-License-Identifier: Apache-2.0
// What makes two events the same one (DESIGN.md, "Store").
#pragma once

#include <string>

#include "model/event.h"

namespace gpud::store {

/// Identity of an event of gpud's own: a hash of component, name, time, type and message.
std::string OwnIdentity(const Event& event);

}  // namespace gpud::store
