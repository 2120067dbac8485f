// SPDX-License-Identifier: Apache-2.0
// gpud simulate: scenarios through signals, rules and verdicts, in virtual time.
#include <ostream>

#include "cli/output.h"
#include "cli/simulate_json.h"
#include "scenario/bundled.h"

namespace gpud::cli {
namespace {

constexpr Flag kFlags[] = {{.name = "output",
                            .letter = 'o',
                            .value = "FORMAT",
                            .help = "table, or json: one file a line",
                            .choices = "table,json"},
                           {.name = "lang",
                            .value = "LANGUAGE",
                            .help = "language of the verdicts: en or zh",
                            .choices = "en,zh"}};

void ShowForAPerson(Context& context, const scenario::Scenario& scenario,
                    const diagnosis::Replayed& replayed, const diagnosis::Judgement& judgement) {
  const auto mark =
      judgement.ok() ? CheckMark(context.out_terminal) : CrossMark(context.out_terminal);
  context.out << mark << ' ' << Painted(scenario.id, Colour::kBold, context.out_terminal) << "  "
              << OneLine(scenario.title) << '\n';
  for (const std::string& what : judgement.missing) {
    context.out << "  missing    " << OneLine(what) << '\n';
  }
  for (const std::string& what : judgement.forbidden) {
    context.out << "  forbidden  " << OneLine(what) << '\n';
  }
  for (const diagnosis::ReplayedIncident& incident : replayed.incidents) {
    const Verdict& verdict = incident.verdict;
    context.out << "  " << Word(verdict.severity) << "  " << verdict.id << "  from "
                << static_cast<std::int64_t>(incident.opened_s) << " s";
    if (incident.closed_s >= 0) {
      context.out << " to " << static_cast<std::int64_t>(incident.closed_s) << " s";
    }
    context.out << "\n    " << OneLine(verdict.summary) << '\n';
  }
}

int Simulate(Context& context, const Arguments& arguments) {
  if (arguments.names().empty()) {
    context.err << CrossMark(context.err_terminal)
                << " name a scenario: a file, or one that is part of gpud\n";
    return 1;
  }
  int code = 0;
  for (const std::string& file : arguments.names()) {
    const auto scenario = scenario::FindScenario(file);
    if (!scenario) {
      context.out.flush();
      context.err << CrossMark(context.err_terminal) << ' ' << scenario.error().what << '\n';
      code = 1;
      continue;
    }
    const diagnosis::Replayed replayed =
        diagnosis::Replay(*scenario, context.components, arguments.Text("lang", "en"));
    const diagnosis::Judgement judgement = diagnosis::Judge(*scenario, replayed.incidents);
    if (!judgement.ok()) code = 1;
    if (FormatOf(arguments) == Format::kJson) {
      context.out << SimulationJson(file, replayed, judgement);
    } else {
      ShowForAPerson(context, *scenario, replayed, judgement);
    }
  }
  return code;
}

}  // namespace

extern constinit const Command kSimulate{
    .name = "simulate",
    .group = Group::kLook,
    .summary = "what gpud would say about a scenario",
    .usage = "FILE...",
    .about =
        "Plays scenarios (docs/simulation.md) in virtual time: their signals, facts,\n"
        "processes and kernel log go through the same rules as those of a machine.\n"
        "Each is judged by what it expects, forbids and allows. A name without a\n"
        "file is one of the scenarios that are part of gpud.\n"
        "\n"
        "The exit code is 1 when a scenario was not as expected, or not valid.",
    .examples =
        "gpud simulate thermal-one-gpu\n"
        "gpud simulate -o json my-scenario.yaml",
    .most_names = 10000,
    .flags = [] { return AllOf(kFlags); },
    .run = Simulate,
};

}  // namespace gpud::cli
