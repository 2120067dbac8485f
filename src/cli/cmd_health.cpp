// SPDX-License-Identifier: Apache-2.0
// gpud health: may work be placed here? For schedulers, prologs and people in a hurry.
#include <ostream>

#include "cli/api.h"
#include "cli/output.h"
#include "cli/reports.h"

namespace gpud::cli {
namespace {

constexpr int kExitCannotTell = 4;
// The daemon says 503 for "no": an answer like the other one, not a failure.
constexpr unsigned kYes = 200, kNo = 503;

int ShowHealth(Context& context, const Arguments& arguments) {
  const Api api(context, arguments);
  const std::string name = JoinedNames(arguments.names());
  const auto answer = api.Call("GET", "/v1/health", {{"name", name}});
  if (!answer) {
    const bool no_daemon = answer.error().code == ErrorCode::kNotFound;
    return Failure(context, arguments, answer.error(), no_daemon ? kExitNoDaemon : kExitCannotTell);
  }
  const auto health = FromJsonText<server::HealthAnswer>(answer->body);
  if ((answer->status != kYes && answer->status != kNo) || !health) {
    return Failure(context, arguments, "cannot_tell", MessageOf(*answer), kExitCannotTell);
  }
  if (const Format format = FormatOf(arguments); format == Format::kTable) {
    context.out << HealthText(*health, SystemClock().Wall(), context.out_terminal);
  } else {
    context.out << Rendered(ParseJson(answer->body).value_or(Json{}), format);
  }
  return ExitCodeOf(health->health);
}

}  // namespace

extern constinit const Command kHealth{
    .name = "health",
    .group = Group::kLook,
    .summary = "may work be placed here? verdict, why, next step",
    .usage = "[NAME|gpuN]",
    .about =
        "Of the whole machine, of one component or of one GPU; from memory, at once.\n"
        "Exit code: 0 healthy, 1 unhealthy, 2 degraded, 3 no daemon, 4 cannot tell.",
    .examples =
        "gpud health\n"
        "gpud health disk\n"
        "gpud health || scontrol update NodeName=$(hostname) State=DRAIN Reason=gpud",
    .most_names = 1,
    .completes_components = true,
    .flags = [] { return AllOf(kOutputFlags, kConnectionFlags); },
    .run = ShowHealth,
};

}  // namespace gpud::cli
