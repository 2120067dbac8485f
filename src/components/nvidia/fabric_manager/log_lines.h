// SPDX-License-Identifier: Apache-2.0
// Lines of the Fabric Manager's own log as events.
#pragma once

#include "components/nvidia/gpu_report.h"

namespace gpud::nvidia_fabric_manager {

/// Adds an event for each line of the last day that is not one yet.
void TellLines(nvidia::GpuReport& report);

/// Whether the daemon has ended as it found nothing to manage, and that is the last it said.
bool HasNothingToDo(const Inputs& in);

}  // namespace gpud::nvidia_fabric_manager
