// SPDX-License-Identifier: Apache-2.0
// gpud status: how the machine is, as the daemon sees it, and what the daemon itself cannot do.
#include <chrono>
#include <ostream>
#include <thread>

#include "cli/api.h"
#include "cli/output.h"
#include "cli/reports.h"

namespace gpud::cli {
namespace {

constexpr std::chrono::seconds kWatchStep{3};
constexpr int kExitCannotTell = 4;

constexpr Flag kFlags[] = {
    {.name = "watch", .letter = 'w', .kind = Kind::kSwitch, .help = "show it again every 3 s"},
    {.name = "verbose",
     .letter = 'v',
     .kind = Kind::kSwitch,
     .help = "also what does not apply to this machine, and why"},
};

/// What the daemon knows, asked in a few requests.
Result<HealthPicture> AskDaemon(const Api& api) {
  auto details =
      api.Get<std::vector<server::ComponentDetail>>("/v1/components", {{"details", "true"}});
  if (!details) return tl::unexpected<Error>(std::move(details).error());
  auto states = api.Get<StateList>("/v1/states");
  if (!states) return tl::unexpected<Error>(std::move(states).error());
  auto findings = api.Get<std::vector<SelfFinding>>("/v1/findings");
  if (!findings) return tl::unexpected<Error>(std::move(findings).error());

  HealthPicture picture{.findings = *std::move(findings), .now = SystemClock().Wall()};
  for (const server::ComponentDetail& detail : *details) {
    ComponentStatus& component = picture.components.emplace_back();
    component.name = detail.name;
    component.supported = detail.supported;
    component.unsupported_reason = detail.reason;
    component.since = detail.since.value_or(WallTime{});
    for (const server::ComponentHealthStates& entry : *states) {
      if (entry.component == detail.name) component.states = entry.states;
    }
  }
  return picture;
}

int ShowOnce(Context& context, const Arguments& arguments, const Api& api) {
  const auto picture = AskDaemon(api);
  if (!picture) {
    const bool no_daemon = picture.error().code == ErrorCode::kNotFound;
    return Failure(context, arguments, picture.error(),
                   no_daemon ? kExitNoDaemon : kExitCannotTell);
  }
  const Format format = FormatOf(arguments);
  if (format == Format::kTable) {
    context.out << StatusText(*picture, arguments.On("verbose"), context.out_terminal);
  } else {
    context.out << Rendered(StatusJson(*picture), format);
  }
  context.out << std::flush;
  return ExitCodeOf(Summarise(picture->components).health);
}

int Status(Context& context, const Arguments& arguments) {
  const Api api(context, arguments);
  int code = ShowOnce(context, arguments, api);
  while (arguments.On("watch") && context.out) {  // until a signal, or the reader goes away
    std::this_thread::sleep_for(kWatchStep);
    if (context.out_terminal.interactive) context.out << "\x1b[H\x1b[2J";
    code = ShowOnce(context, arguments, api);
  }
  return code;
}

}  // namespace

extern constinit const Command kStatus{
    .name = "status",
    .aliases = "st",
    .group = Group::kLook,
    .summary = "how the machine is, as the daemon sees it",
    .about =
        "Also names what the daemon itself cannot do at the moment: a source that does\n"
        "not answer, kernel lines that were lost, a full disk.\n"
        "Exit code: 0 healthy, 1 unhealthy, 2 degraded, 3 no daemon, 4 cannot tell.",
    .examples =
        "gpud status\n"
        "gpud status --watch\n"
        "gpud status -o json | jq .summary",
    .flags = [] { return AllOf(kFlags, kOutputFlags, kConnectionFlags); },
    .run = Status,
};

}  // namespace gpud::cli
