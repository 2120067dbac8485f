// SPDX-License-Identifier: Apache-2.0
// gpud simulated-machine: the child process that keeps the files of a simulated machine.
#include "cli/output.h"
#include "machine/keeper.h"

namespace gpud::cli {
namespace {

constexpr Flag kFlags[] = {
    {.name = "below", .value = "DIR", .help = "where it makes its folder"},
    {.name = "scenario", .value = "SCENARIO", .help = "name or file"},
    {.name = "node", .value = "NAME", .help = "which of its machines"},
    {.name = "start", .value = "SECONDS", .help = "Unix time of its second 0"},
    {.name = "speed", .value = "N", .help = "its seconds in a real one"},
};

int KeepMachine(Context& context, const Arguments& arguments) {
  const auto start = ParseNumber<double>(arguments.Text("start"));
  const auto speed = ParseNumber<double>(arguments.Text("speed"));
  if (!start || !speed || arguments.Text("below").empty()) {
    return Failure(context, arguments, "invalid_argument",
                   "\"gpud run --simulate SCENARIO\" starts it; there is nothing to do by hand");
  }
  return sim_machine::Keep({.below = arguments.Text("below"),
                            .scenario = arguments.Text("scenario"),
                            .node = arguments.Text("node"),
                            .start_unix = *start,
                            .speed = *speed});
}

}  // namespace

extern constinit const Command kSimulatedMachine{
    .name = "simulated-machine",
    .group = Group::kHidden,
    .summary = "a child process of the daemon",
    .flags = [] { return AllOf(kFlags); },
    .run = KeepMachine,
};

}  // namespace gpud::cli
