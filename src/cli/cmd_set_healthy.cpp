// SPDX-License-Identifier: Apache-2.0
// gpud set-healthy: what kept a component bad is mended.
#include <ostream>

#include "cli/api.h"
#include "cli/output.h"
#include "server/routes_wire.h"

namespace gpud::cli {
namespace {

constexpr Flag kFlags[] = {
    {.name = "reason", .value = "TEXT", .help = "why; kept in the history"},
    {.name = "author",
     .value = "NAME",
     .help = "who says so (default: you; only root is not named too)"},
};

/// "map[cpu:why disk:why]", as the original prints it.
std::string MapText(const std::map<std::string, std::string>& failed) {
  std::string text;
  for (const auto& [name, why] : failed) text += (text.empty() ? "" : " ") + name + ':' + why;
  return "map[" + text + ']';
}

int SetHealthy(Context& context, const Arguments& arguments) {
  const Api api(context, arguments);
  const auto answer = api.Call("POST", "/v1/health-states/set-healthy",
                               {{"components", JoinedNames(arguments.names())},
                                {"reason", arguments.Text("reason")},
                                {"author", arguments.Text("author")}});
  if (!answer) return Failure(context, arguments, answer.error());
  if (answer->status != 200) {
    return Failure(context, arguments, "failed",
                   "failed to set components healthy: server returned " +
                       std::to_string(answer->status) + ": " + OneLine(answer->body));
  }
  const auto done = FromJsonText<server::SetHealthyAnswer>(answer->body);
  if (!done) return Failure(context, arguments, done.error());
  const bool table = FormatOf(arguments) == Format::kTable;
  if (!table) {
    context.out << Rendered(JsonOf(*done), FormatOf(arguments));
  } else if (!done->successful.empty()) {
    std::string names;
    for (const std::string& name : done->successful) names += (names.empty() ? "" : ", ") + name;
    context.out << "successfully set components to healthy: " << names << '\n';
  } else if (done->failed.empty()) {
    context.out << "there was nothing to set healthy\n";
  }
  if (done->failed.empty()) return 0;
  if (!table) return 1;
  return Failure(context, arguments, "failed",
                 "failed to set components healthy: some components failed to set healthy: " +
                     MapText(done->failed));
}

}  // namespace

extern constinit const Command kSetHealthy{
    .name = "set-healthy",
    .aliases = "set-health",
    .group = Group::kAct,
    .summary = "after a repair: forget what keeps components bad",
    .usage = "[NAMES]",
    .about =
        "NAMES are components, separated by commas or blanks; without, all that can.\n"
        "Needs root or the API token. Reason and author are kept in the history.",
    .examples =
        "gpud set-healthy disk --reason \"disk replaced\"\n"
        "gpud set-healthy --reason \"node re-tested\" --author alice",
    .most_names = 1000,
    .completes_components = true,
    .flags = [] { return AllOf(kFlags, kOutputFlags, kConnectionFlags); },
    .run = SetHealthy,
};

}  // namespace gpud::cli
