// SPDX-License-Identifier: Apache-2.0
// --simulate: a command looks at a simulated machine in place of this one (docs/simulation.md).
#pragma once

#include <optional>

#include "cli/command.h"
#include "cli/settings.h"
#include "daemon/simulation.h"

namespace gpud::cli {

inline constexpr Flag kSimulateFlags[] = {
    {.name = "simulate",
     .value = "SCENARIO",
     .help = "a simulated machine in place of this one: a name, a file, or list to see the names"},
    {.name = "simulate-node",
     .value = "NAME",
     .help = "which machine of a scenario with several (default: the first)"},
    {.name = "simulate-at",
     .kind = Kind::kDuration,
     .value = "TIME",
     .help = "begin so far into the scenario (default: run at its start, others at its end)"},
    {.name = "simulate-speed",
     .value = "N",
     .help = "seconds of the scenario in a real one (default: 1)"},
    {.name = "simulate-faults",
     .value = "FILE",
     .help = "faults of the simulated driver, read again when they change"},
};

/// `--simulate list`: the bundled scenarios have been asked for. Returns the exit code.
bool AsksForScenarios(const Arguments& arguments);
int ListScenarios(Context& context, const Arguments& arguments);

/// What --simulate asks for, started; nothing without it. `at_start`: where it begins when not
/// told. Errors: as Simulation::Start; kParse for a value that makes no sense. An unknown name
/// comes with those that are like it.
Result<std::optional<daemon::Simulation>> StartSimulation(const Context& context,
                                                          const Arguments& arguments,
                                                          bool at_start);
/// What a daemon or scan of this machine is told. Places that no flag names (data directory,
/// socket, token, log, plugins) are not those of the real machine, whatever its configuration file
/// says. Error: kPermission, --data-dir names the real machine's.
Result<daemon::Options> OptionsOf(const daemon::Simulation& simulation, Settings settings,
                                  const Environment& environment);

}  // namespace gpud::cli
