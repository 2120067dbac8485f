// SPDX-License-Identifier: Apache-2.0
// What a user may set for kernel-module.
#pragma once

#include <string>
#include <vector>

#include "model/fields.h"

namespace gpud::kernel_module {

struct Settings {
  std::vector<std::string> required;  ///< modules that must be there, "nvidia_uvm"

  static constexpr auto Fields() { return std::tuple{Field{"required", &Settings::required}}; }
};

}  // namespace gpud::kernel_module
