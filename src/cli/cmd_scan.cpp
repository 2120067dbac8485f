// SPDX-License-Identifier: Apache-2.0
// gpud scan: one look at this machine, without a daemon.
#include <chrono>
#include <ostream>

#include "cli/daemon_options.h"
#include "cli/fault_catalog_file.h"
#include "cli/output.h"
#include "cli/reports.h"
#include "cli/simulate_flags.h"
#include "daemon/daemon.h"

namespace gpud::cli {
namespace {

constexpr Flag kFlags[] = {
    {.name = "verbose",
     .letter = 'v',
     .kind = Kind::kSwitch,
     .help = "also what does not apply to this machine, and why"},
    {.name = "fail-on-unhealthy",
     .kind = Kind::kSwitch,
     .help = "exit as \"gpud status\" does: 1 unhealthy, 2 degraded, 4 cannot tell"},
};

std::vector<const Flag*> Flags() {
  std::vector<const Flag*> flags = AllOf(kFlags, kOutputFlags, kSimulateFlags);
  for (const Setting& setting : AllSettings()) {
    if (setting.in_scan()) flags.push_back(&setting.flag);
  }
  return flags;
}

int Scan(Context& context, const Arguments& arguments) {
  if (AsksForScenarios(arguments)) return ListScenarios(context, arguments);
  Settings settings = ReadSettings(arguments, context.environment);
  InstallFaultCatalog(settings);
  if (!settings.problems.empty()) {
    return Failure(context, arguments, "invalid_configuration", settings.problems);
  }
  for (const std::string& warning : settings.warnings) Warn(context, warning);

  const auto simulation = StartSimulation(context, arguments, false);
  if (!simulation) return Failure(context, arguments, simulation.error());
  const auto options = *simulation ? OptionsOf(**simulation, settings, context.environment)
                                   : DaemonOptions(settings, context.environment);
  if (!options) return Failure(context, arguments, options.error());

  const Format format = FormatOf(arguments);
  if (*simulation) {
    LabelStream(context, arguments) << SimulatedLabel((*simulation)->name());
  }
  const bool live = format == Format::kTable && context.out_terminal.interactive;
  if (live) context.out << HourGlass(context.out_terminal) << " scanning the host\r" << std::flush;
  const auto start = std::chrono::steady_clock::now();
  daemon::ScanResult found = daemon::Scan(*options, context.components);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - start);
  if (live) context.out << "\x1b[K";

  const HealthPicture picture{.components = std::move(found.components),
                              .events = std::move(found.events),
                              .findings = std::move(found.findings),
                              .now = SystemClock().Wall()};
  if (format == Format::kTable) {
    context.out << ScanText(found.machine, picture, arguments.On("verbose"), took,
                            context.out_terminal);
  } else {
    context.out << Rendered(ScanJson(found.machine, picture), format);
  }
  if (!arguments.On("fail-on-unhealthy")) return 0;
  return ExitCodeOf(Summarise(picture.components).health);
}

}  // namespace

extern constinit const Command kScan{
    .name = "scan",
    .aliases = "check,s",
    .group = Group::kLook,
    .summary = "check this machine once; needs no daemon",
    .about =
        "What is wrong comes first: since when, why, and what to do. Then a line for\n"
        "each area, and what could not be checked and why. Nothing is stored, nothing\n"
        "is asked of the network. The exit code is 0 whatever is found, unless\n"
        "--fail-on-unhealthy is given.",
    .examples =
        "gpud scan\n"
        "gpud scan --verbose\n"
        "gpud scan --simulate fallen-off-bus\n"
        "gpud scan --fail-on-unhealthy && start-the-job\n"
        "gpud scan -o json | jq '.components[] | select(.health!=\"Healthy\")'",
    .flags = Flags,
    .run = Scan,
};

}  // namespace gpud::cli
