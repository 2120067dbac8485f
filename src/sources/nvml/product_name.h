// SPDX-License-Identifier: Apache-2.0
// A product's name as clients, labels and overrides use it.
#pragma once

#include <string>
#include <string_view>

namespace gpud::nvml {

/// "NVIDIA H100 80GB HBM3" -> "NVIDIA-H100-80GB-HBM3": letters, digits, '-', '_' and '.' stay,
/// words are joined by '-'.
std::string ProductName(std::string_view name);

}  // namespace gpud::nvml
