// SPDX-License-Identifier: Apache-2.0
// gpud machine-info: what this machine is.
#include <ostream>

#include "cli/api.h"
#include "cli/daemon_options.h"
#include "cli/machine_view.h"
#include "cli/output.h"
#include "cli/simulate_flags.h"
#include "daemon/daemon.h"

namespace gpud::cli {
namespace {

/// The original's JSON.
struct MachineAnswer {
  std::string machine_id;  ///< the control plane's; empty before a login
  MachineInfo machine_info;
  ProviderInfo provider;

  static constexpr auto Fields() {
    using A = MachineAnswer;
    return std::tuple{Field{"machine_id", &A::machine_id}, Field{"machine_info", &A::machine_info},
                      Field{"provider", &A::provider}};
  }
};

Result<MachineAnswer> Simulated(const Context& context, const Arguments& arguments) {
  const auto simulation = StartSimulation(context, arguments, true);
  if (!simulation) return tl::unexpected<Error>(simulation.error());
  const Settings settings = ReadSettings(arguments, context.environment);
  const auto options = OptionsOf(**simulation, settings, context.environment);
  if (!options) return tl::unexpected<Error>(options.error());
  LabelStream(context, arguments) << SimulatedLabel((*simulation)->name());
  MachineAnswer answer;
  answer.machine_info = daemon::Scan(*options, {}).machine;
  return answer;
}

/// From the daemon where one answers, else from the machine itself.
Result<MachineAnswer> Find(const Context& context, const Arguments& arguments) {
  if (arguments.Find("simulate")) return Simulated(context, arguments);
  const Api api(context, arguments);
  MachineAnswer answer;
  if (auto machine = api.Get<MachineInfo>("/machine-info")) {
    answer.machine_info = *std::move(machine);
    const auto metadata = api.Get<std::map<std::string, std::string>>("/admin/metadata");
    // Only root may ask; for all others the id stays empty, as before a login.
    if (metadata && metadata->contains("machine_id"))
      answer.machine_id = metadata->at("machine_id");
    return answer;
  } else if (api.names_server()) {
    return tl::unexpected<Error>(std::move(machine).error());
  }
  const Settings settings = ReadSettings(arguments, context.environment);
  daemon::ScanResult found = daemon::Scan(DaemonOptions(settings, context.environment), {});
  if (found.machine.hostname.empty() && !found.findings.empty()) {
    return Fail(ErrorCode::kIo, found.findings.front().what);
  }
  answer.machine_info = std::move(found.machine);
  return answer;
}

int ShowMachineInfo(Context& context, const Arguments& arguments) {
  if (AsksForScenarios(arguments)) return ListScenarios(context, arguments);
  const auto original = OriginalJson(arguments);
  if (!original) return Failure(context, arguments, original.error());
  const auto answer = Find(context, arguments);
  if (!answer) {
    return Failure(context, arguments, "failed_to_get_machine_info",
                   "failed to get machine info: " + answer.error().what);
  }
  if (*original) {
    context.out << ToJson(*answer) << '\n';
  } else if (const Format format = FormatOf(arguments); format != Format::kTable) {
    context.out << Rendered(JsonOf(*answer), format);
  } else {
    const Terminal& terminal = context.out_terminal;
    if (!answer->machine_id.empty()) {
      context.out << "GPUd machine ID: \"" << OneLine(answer->machine_id) << "\"\n\n";
    }
    context.out << MachineText(answer->machine_info, terminal) << '\n'
                << CheckMark(terminal) << " successfully found provider "
                << OneLine(answer->provider.provider) << '\n'
                << ProviderText(answer->provider, terminal);
  }
  return 0;
}

}  // namespace

extern constinit const Command kMachineInfo{
    .name = "machine-info",
    .group = Group::kLook,
    .summary = "what this machine is: CPUs, memory, disks, GPUs",
    .about = "From the daemon where one runs, else from the machine itself.",
    .examples =
        "gpud machine-info\n"
        "gpud machine-info --output-format json | jq -r .machine_info.hostname",
    .flags =
        [] { return AllOf(kOutputFormatFlags, kOutputFlags, kConnectionFlags, kSimulateFlags); },
    .run = ShowMachineInfo,
};

}  // namespace gpud::cli
