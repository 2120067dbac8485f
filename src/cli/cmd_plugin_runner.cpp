// SPDX-License-Identifier: Apache-2.0
// gpud plugin-runner: the daemon's own child process, in which one plugin runs once.
#include "cli/output.h"
#include "plugins/runner.h"

namespace gpud::cli {

extern constinit const Command kPluginRunner{
    .name = "plugin-runner",
    .group = Group::kHidden,
    .summary = "a child process of the daemon",
    .run = [](Context&, const Arguments&) { return plugins::RunnerMain(); },
};

}  // namespace gpud::cli
