// SPDX-License-Identifier: Apache-2.0
// How the boot before this one ended, by what the machine wrote down.
#pragma once

#include <optional>
#include <string_view>

#include "sources/source.h"

namespace gpud::host {

struct LastShutdown {
  /// Whether the system was shut down in order; false after a crash, a reset or a loss of power.
  /// Nothing when that is not known: no login records, or they do not reach back so far.
  std::optional<bool> orderly;
  bool by_watchdog = false;  ///< a hardware watchdog says that it reset the machine

  static constexpr auto Fields() {
    return std::tuple{Field{"orderly", &LastShutdown::orderly},
                      Field{"by_watchdog", &LastShutdown::by_watchdog}};
  }
};

/// Whether a record of a shutdown stands before that of this boot. `records` is the end of a wtmp
/// file, whole records; `booted` is when this boot began. Source: utmp(5).
std::optional<bool> WasOrderly(std::string_view records, WallTime booted);

/// Error in place of the snapshot: kNotFound when the machine has none of its files.
/// Source: /var/log/wtmp; /sys/class/watchdog/*/bootstatus (Linux 4.6 with WATCHDOG_SYSFS).
extern const SourceType kLastShutdown;

}  // namespace gpud::host
