// SPDX-License-Identifier: Apache-2.0
// Snapshots of GPUs that were never asked, as to ask would wake them: what the kernel knows.
#pragma once

#include "sources/nvml/activity.h"
#include "sources/nvml/devices.h"
#include "sources/nvml/errors.h"
#include "sources/nvml/processes.h"

namespace gpud::nvml {

/// Identity out of /proc/driver/nvidia; every other reading is kUnsupported, "asleep, not asked".
Devices UnreadDevices(const Root& root);

template <class T>
T Unread(const Host& host) {
  if constexpr (std::is_same_v<T, Devices>) {
    return UnreadDevices(host.root);
  } else {
    return T{};
  }
}

}  // namespace gpud::nvml
