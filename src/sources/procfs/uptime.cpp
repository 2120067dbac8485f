// SPDX-License-Identifier: Apache-2.0
#include "sources/procfs/uptime.h"

#include <cmath>

#include "platform/text.h"

namespace gpud::procfs {

Result<Uptime> ParseUptime(std::string_view text) {
  const auto seconds = ParseNumber<double>(text.substr(0, text.find(' ')));
  if (!seconds || !std::isfinite(*seconds) || *seconds < 0) {
    return Fail(ErrorCode::kParse, "/proc/uptime: not a number of seconds");
  }
  return Uptime{*seconds};
}

constinit const SourceType kUptime{
    .name = "procfs/uptime",
    .snapshot = &kSnapshot<Uptime>,
    .read =
        [](const Host& host, Inputs& into) {
          into.Put<Uptime>(host.root.Read("/proc/uptime").and_then(ParseUptime));
        },
};

}  // namespace gpud::procfs
