// SPDX-License-Identifier: Apache-2.0
// gpud lane NAME: the daemon's own child process, in which sources run that can hang.
#include "cli/output.h"
#include "daemon/daemon.h"
#include "lanes/lanes.h"

namespace gpud::cli {
namespace {

constexpr Flag kFlags[] = {{.name = "root", .value = "DIR", .help = "root of the machine"}};

int RunLane(Context& context, const Arguments& arguments) {
  if (arguments.names().empty()) {
    return Failure(context, arguments, "invalid_argument",
                   "the daemon starts lanes by itself; there is nothing to do here by hand");
  }
  const std::vector<const SourceType*> sources = daemon::SourcesOf(context.components);
  return lanes::LaneMain(sources, arguments.names().front(), arguments.Text("root", "/"));
}

}  // namespace

extern constinit const Command kLane{
    .name = "lane",
    .group = Group::kHidden,
    .summary = "a child process of the daemon",
    .usage = "NAME",
    .most_names = 1,
    .flags = [] { return AllOf(kFlags); },
    .run = RunLane,
};

}  // namespace gpud::cli
