// SPDX-License-Identifier: Apache-2.0
// How long something held the clocks down: of one call and of several field values.
#pragma once

#include "nvml/gpu.h"

namespace gpud::sim_nvml {

/// Nanoseconds since the start of the scenario.
Reading ViolationNanoseconds(Gpu& gpu, nvmlPerfPolicyType_t policy);

}  // namespace gpud::sim_nvml
