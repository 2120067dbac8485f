// SPDX-License-Identifier: Apache-2.0
// The machine's identity as a source, read once at start and again on request.
#pragma once

#include "model/machine_info.h"
#include "sources/source.h"

namespace gpud::daemon {

extern const SourceType kMachine;  ///< puts MachineInfo

}  // namespace gpud::daemon
