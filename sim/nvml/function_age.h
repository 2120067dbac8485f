// SPDX-License-Identifier: Apache-2.0
// Which functions an old driver lacks.
#pragma once

#include <string_view>

namespace gpud::sim_nvml {

/// The first major number whose driver has the function; 0 for those of before 450. Source: change
/// lists of the NVML API Reference and the versions at which clients of it began to look for them;
/// where they say different numbers the later one.
int FirstMajorWith(std::string_view function);

}  // namespace gpud::sim_nvml
