// SPDX-License-Identifier: Apache-2.0
// How the boots before this one ended, as far as the machine kept it.
#pragma once

#include "components/component.h"

namespace gpud::os {

/// Adds an event `kernel_panic_last_boot` (Critical) for each record of a panic, once: its time is
/// that of the record's file. The reboot has dealt with it, so health does not depend on it.
void TellPanics(const Inputs& in, Report& report);

/// Why the machine was started: a panic of which there is a record, a watchdog's word, or only
/// whether it was shut down in order. Empty when nothing is known.
std::string RebootCause(const Inputs& in);

}  // namespace gpud::os
