// SPDX-License-Identifier: Apache-2.0
// The scenarios that are part of the program: sim/scenarios/*.yaml.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "scenario/document.h"

namespace gpud::scenario {

struct BundledScenario {
  std::string_view name;
  std::string_view text;  ///< YAML
};

/// Sorted by name.
std::span<const BundledScenario> BundledScenarios();

/// A bundled scenario by its name, else the file of this path. Errors: those of LoadScenario; for
/// what is neither, kNotFound with the names that there are.
Result<Scenario> FindScenario(const std::string& name_or_path);

}  // namespace gpud::scenario
