// SPDX-License-Identifier: Apache-2.0
// The mounted block devices and remote file systems, as GET /machine-info lists them.
#pragma once

#include "model/machine_info.h"
#include "platform/root.h"

namespace gpud::host {

/// What cannot be read is left out. May hang with a local disk.
DiskInfo ReadDisks(const Root& root);

}  // namespace gpud::host
