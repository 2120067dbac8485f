// SPDX-License-Identifier: Apache-2.0
// Pressure stall readings as samples; cpu, memory and disk export one resource each.
#pragma once

#include <string_view>

#include "components/component.h"
#include "sources/procfs/pressure.h"

namespace gpud {

/// Which of the three resources.
using PressureOf = Result<procfs::Pressure> procfs::Pressures::*;

/// Adds `<prefix>_pressure_percent{stall}` (mean over 10 s) and
/// `<prefix>_pressure_seconds_total{stall}`, stall being "some" or "full"; when it cannot be read a
/// state "<component>/psi", Unknown, and nothing on kernels without PSI.
void AddPressure(Report& report, const Inputs& in, std::string_view prefix, PressureOf resource);

}  // namespace gpud
