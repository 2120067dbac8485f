// SPDX-License-Identifier: Apache-2.0
// gpud states: the health states of the last checks.
#include <ostream>

#include "cli/api.h"
#include "cli/output.h"
#include "cli/reports.h"

namespace gpud::cli {
namespace {

int States(Context& context, const Arguments& arguments) {
  const Api api(context, arguments);
  const auto body = api.Get("/v1/states", {{"components", JoinedNames(arguments.names())}});
  if (!body) return Failure(context, arguments, body.error());
  if (const Format format = FormatOf(arguments); format != Format::kTable) {
    context.out << Rendered(ParseJson(*body).value_or(Json{}), format);
    return 0;
  }
  const auto states = *body == "null" ? StateList() : FromJsonText<StateList>(*body);
  if (!states) return Failure(context, arguments, states.error());
  context.out << StatesText(*states, SystemClock().Wall(), context.out_terminal);
  return 0;
}

}  // namespace

extern constinit const Command kStates{
    .name = "states",
    .group = Group::kLook,
    .summary = "health states of the last checks",
    .usage = "[NAMES]",
    .about =
        "NAMES are components, separated by commas or blanks; without, all that apply\n"
        "to this machine.",
    .examples =
        "gpud states\n"
        "gpud states cpu,memory\n"
        "gpud states disk -o yaml",
    .most_names = 1000,
    .completes_components = true,
    .flags = [] { return AllOf(kOutputFlags, kConnectionFlags); },
    .run = States,
};

}  // namespace gpud::cli
