// SPDX-License-Identifier: Apache-2.0
// Commands of the original that are not built yet: they say so, and what to do instead.
#include "cli/output.h"

namespace gpud::cli {
namespace {

int NotBuilt(Context& context, std::string_view name, std::string_view instead) {
  return Failure(context, {}, "not_built",
                 "gpud " + std::string(name) + " is not built yet; " + std::string(instead));
}

}  // namespace

extern constinit const Command kUp{
    .name = "up",
    .group = Group::kNotBuilt,
    .summary = "install and start the systemd unit",
    .takes_anything = true,
    .run =
        [](Context& context, const Arguments&) {
          return NotBuilt(context, "up", "start \"gpud run\" from a unit of your own");
        },
};

extern constinit const Command kDown{
    .name = "down",
    .group = Group::kNotBuilt,
    .summary = "stop the systemd unit",
    .takes_anything = true,
    .run =
        [](Context& context, const Arguments&) {
          return NotBuilt(context, "down", "\"systemctl stop gpud\" stops a unit");
        },
};

extern constinit const Command kNotify{
    .name = "notify",
    .aliases = "nt",
    .group = Group::kNotBuilt,
    .summary = "tell the control plane of start and stop",
    .usage = "startup|shutdown",
    .takes_anything = true,
    .run =
        [](Context& context, const Arguments&) {
          return NotBuilt(context, "notify", "gpud does not speak to a control plane so far");
        },
};

extern constinit const Command kUpdate{
    .name = "update",
    .group = Group::kNotBuilt,
    .summary = "update gpud",
    .takes_anything = true,
    .run =
        [](Context& context, const Arguments&) {
          return NotBuilt(context, "update", "install the new version and restart the daemon");
        },
};

extern constinit const Command kRelease{
    .name = "release",
    .group = Group::kNotBuilt,
    .summary = "sign and verify packages",
    .takes_anything = true,
    .run =
        [](Context& context, const Arguments&) {
          return NotBuilt(context, "release", "the original's tools make the same signatures");
        },
};

}  // namespace gpud::cli
