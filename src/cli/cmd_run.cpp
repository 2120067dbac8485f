// SPDX-License-Identifier: Apache-2.0
// gpud run: the daemon, in the foreground.
#include "cli/daemon_options.h"
#include "cli/fault_catalog_file.h"
#include "cli/output.h"
#include "cli/simulate_flags.h"
#include "daemon/daemon.h"

namespace gpud::cli {
namespace {

std::vector<const Flag*> Flags() {
  std::vector<const Flag*> flags;
  for (const Setting& setting : AllSettings()) flags.push_back(&setting.flag);
  for (const Flag* flag : AllOf(kSimulateFlags, kOutputFlags)) flags.push_back(flag);
  return flags;
}

int Run(Context& context, const Arguments& arguments) {
  if (AsksForScenarios(arguments)) return ListScenarios(context, arguments);
  Settings settings = ReadSettings(arguments, context.environment);
  InstallFaultCatalog(settings);
  if (!settings.problems.empty()) {
    return Failure(context, arguments, "invalid_configuration", settings.problems);
  }
  for (const std::string& warning : settings.warnings) Warn(context, warning);
  const auto simulation = StartSimulation(context, arguments, true);
  if (!simulation) return Failure(context, arguments, simulation.error());
  const auto options = *simulation ? OptionsOf(**simulation, settings, context.environment)
                                   : DaemonOptions(settings, context.environment);
  if (!options) return Failure(context, arguments, options.error());
  auto code = daemon::Run(*options, context.components);
  return code ? *code : Failure(context, arguments, code.error());
}

}  // namespace

extern constinit const Command kRun{
    .name = "run",
    .group = Group::kRun,
    .summary = "watch this machine and answer over HTTPS",
    .about =
        "Runs until SIGTERM or SIGINT. Every option but --config may also\n"
        "stand in /etc/gpud/config.yaml (listen_address: ...) or in a variable\n"
        "(GPUD_LISTEN_ADDRESS=...); options win over variables, variables over the\n"
        "file. \"gpud config show\" tells what is in effect, and why.",
    .examples =
        "gpud run\n"
        "gpud run --data-dir /tmp/gpud --listen-address 127.0.0.1:25132\n"
        "gpud run --sample-interval 60s          # lowest cost\n"
        "gpud run --simulate thermal-one-gpu     # not a real machine; see list\n"
        "gpud run --components=-disk             # all but disk",
    .flags = Flags,
    .run = Run,
};

}  // namespace gpud::cli
