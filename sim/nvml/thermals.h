// SPDX-License-Identifier: Apache-2.0
// Power and temperature limits of a GPU: of single calls and of field values.
#pragma once

#include "nvml/gpu.h"

namespace gpud::sim_nvml {

/// Degrees Celsius.
Reading ThresholdOf(const Gpu& gpu, nvmlTemperatureThresholds_t threshold);
/// Watts.
Reading DefaultPowerLimit(const Gpu& gpu);

}  // namespace gpud::sim_nvml
