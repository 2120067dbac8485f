// SPDX-License-Identifier: Apache-2.0
// Events as the command line shows them: with their origin, as a table or as JSON.
#pragma once

#include <string>
#include <vector>

#include "cli/terminal.h"
#include "server/routes_wire.h"

namespace gpud::cli {

using EventView = server::DetailedEvent;

Colour ColourOf(EventType type);

/// The first `most` of them.
std::vector<EventView> ViewsOf(const std::vector<Event>& events, std::size_t most);

/// "TIME AGE TYPE COMPONENT NAME MESSAGE", in the order given. The message says itself what was
/// injected, and what some program wrote into the kernel's log.
std::string EventText(const std::vector<EventView>& events, WallTime now, const Terminal& terminal);

}  // namespace gpud::cli
