// SPDX-License-Identifier: Apache-2.0
// /proc/uptime: how long the machine has been up.
#pragma once

#include <string_view>

#include "sources/source.h"

namespace gpud::procfs {

struct Uptime {
  double seconds = 0;

  static constexpr auto Fields() { return std::tuple{Field{"seconds", &Uptime::seconds}}; }
};

/// Error: kParse. Source: proc_uptime(5).
Result<Uptime> ParseUptime(std::string_view text);

extern const SourceType kUptime;

}  // namespace gpud::procfs
