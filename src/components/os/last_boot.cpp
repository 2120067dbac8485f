// SPDX-License-Identifier: Apache-2.0
#include "components/os/last_boot.h"

#include <algorithm>

#include "sources/host/last_shutdown.h"
#include "sources/host/pstore.h"

namespace gpud::os {
namespace {

constexpr std::string_view kName = "kernel_panic_last_boot";
// As long as events are kept: an older record would be told anew after its event was purged.
constexpr std::chrono::hours kOldest{14 * 24};
// A record has the time of the panic, or that of the next boot when it was copied then.
constexpr std::chrono::minutes kNearBoot{30};

WallTime TimeOf(const host::PanicRecord& record) {
  return WallTime(std::chrono::seconds(record.modified_unix_seconds));
}

}  // namespace

void TellPanics(const Inputs& in, Report& report) {
  const auto& pstore = in.Latest<host::Pstore>();
  if (!pstore) return;
  for (const host::PanicRecord& record : pstore->panics) {
    const WallTime time = TimeOf(record);
    if (time < in.Now() - kOldest || time <= in.ClearedUntil()) continue;
    const bool told =
        std::any_of(in.OwnEvents().begin(), in.OwnEvents().end(), [&](const Event& event) {
          const auto file = event.extra_info.find("file");
          return event.name == kName && event.time == time && file != event.extra_info.end() &&
                 file->second == record.file;
        });
    if (told) continue;
    report.events.push_back({.time = time,
                             .name = std::string(kName),
                             .type = EventType::kCritical,
                             .message = "an earlier boot ended so: " + record.reason,
                             .extra_info = {{"file", record.file}, {"reason", record.reason}}});
  }
}

std::string RebootCause(const Inputs& in) {
  const WallTime booted = in.Now() - in.BootNow().time_since_epoch();
  if (const auto& pstore = in.Latest<host::Pstore>()) {
    for (const host::PanicRecord& record : pstore->panics) {
      const WallTime time = TimeOf(record);
      if (time > booted - kNearBoot && time < booted + kNearBoot) return record.reason;
    }
  }
  const auto& last = in.Latest<host::LastShutdown>();
  if (!last) return {};
  if (last->by_watchdog) return "a hardware watchdog reset the machine";
  if (!last->orderly) return {};
  return *last->orderly ? "shut down in order"
                        : "not shut down in order: a crash, a reset or a loss of power";
}

}  // namespace gpud::os
