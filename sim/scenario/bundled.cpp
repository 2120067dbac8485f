// SPDX-License-Identifier: Apache-2.0
#include "scenario/bundled.h"

#include <algorithm>

namespace gpud::scenario {

Result<Scenario> FindScenario(const std::string& name_or_path) {
  const auto scenarios = BundledScenarios();
  const auto found = std::ranges::find(scenarios, name_or_path, &BundledScenario::name);
  if (found != scenarios.end()) return ParseScenario(name_or_path, std::string(found->text));
  if (name_or_path.find_first_of("/.") != std::string::npos) return LoadScenario(name_or_path);
  std::string names;
  for (const BundledScenario& scenario : scenarios) names += " " + std::string(scenario.name);
  return Fail(ErrorCode::kNotFound,
              "no scenario '" + name_or_path + "'; name a file, or one of:" + names);
}

}  // namespace gpud::scenario
