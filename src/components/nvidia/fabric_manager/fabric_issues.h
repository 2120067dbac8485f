// SPDX-License-Identifier: Apache-2.0
// What the driver tells of a GPU's place in its NVLink fabric, in words.
#pragma once

#include <string>
#include <vector>

#include "platform/json.h"
#include "sources/nvml/devices.h"

namespace gpud::nvidia_fabric_manager {

bool IsCompleted(const nvml::Fabric& fabric);

/// What is wrong, sorted: "state=In Progress", "summary=Limited Capacity", "bandwidth degraded".
std::vector<std::string> IssuesOf(const nvml::Fabric& fabric);

/// The row of `data`; member names are the original's.
Json Describe(std::string_view uuid, const nvml::Fabric& fabric);

}  // namespace gpud::nvidia_fabric_manager
