// SPDX-License-Identifier: Apache-2.0
// What scan, status and health print, as functions of what was found.
#pragma once

#include "cli/health_view.h"
#include "server/health_answer.h"
#include "server/routes_wire.h"

namespace gpud::cli {

/// For a person: what is wrong, a line an area, what could not be checked, "scan complete".
std::string ScanText(const MachineInfo& machine, const HealthPicture& picture, bool verbose,
                     std::chrono::milliseconds took, const Terminal& terminal);
/// For programs: {components[], summary, machine, events, findings}.
Json ScanJson(const MachineInfo& machine, const HealthPicture& picture);

/// The same picture as a daemon has it.
std::string StatusText(const HealthPicture& picture, bool verbose, const Terminal& terminal);
/// {components[], summary, findings}.
Json StatusJson(const HealthPicture& picture);

using StateList = std::vector<server::ComponentHealthStates>;
/// A line for each state.
std::string StatesText(const StateList& components, WallTime now, const Terminal& terminal);

std::string HealthText(const server::HealthAnswer& answer, WallTime now, const Terminal& terminal);

}  // namespace gpud::cli
