// SPDX-License-Identifier: Apache-2.0
// Boot: which start of the machine this is, and the wall time of the kernel's zero. Both are kept
// in the store's metadata, so that a step of the clock moves no old event.
#pragma once

#include <string>

#include "platform/clock.h"
#include "platform/root.h"
#include "store/store.h"

namespace gpud::daemon {

struct Boot {
  std::string id;          ///< /proc/sys/kernel/random/boot_id; empty when unreadable
  WallTime wall{};         ///< when the kernel's clock was zero
  bool first_seen = true;  ///< no daemon has run in this boot before
};

/// The metadata's word on this boot wins over the clocks.
Boot FindBoot(const Root& root, const Clock& clock, const store::Metadata& metadata);
/// When the clock of a boot that is known to the metadata was zero; nothing for another one.
std::optional<WallTime> WallOfBoot(const std::string& boot_id, const store::Metadata& metadata);
/// What to store of it; deletes the rows of other boots.
store::Metadata BootMetadata(const Boot& boot, const store::Metadata& metadata);

/// The event "this machine was started"; once per boot by its identity. Nothing for a boot that is
/// older than three days: it is no news (rule of the original).
std::optional<Event> RebootEvent(const Boot& boot, WallTime now);

}  // namespace gpud::daemon
