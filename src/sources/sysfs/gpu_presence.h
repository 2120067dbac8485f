// SPDX-License-Identifier: Apache-2.0
// Whether this machine has a GPU that gpud could read.
#pragma once

#include "platform/root.h"

namespace gpud::sysfs {

/// A driver's device files, a GPU of a known maker on the PCI bus, or a library that
/// GPUD_NVML_LIBRARY_PATH names.
bool HasGpu(const Root& root);

}  // namespace gpud::sysfs
