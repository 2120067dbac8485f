// SPDX-License-Identifier: Apache-2.0
// What tests of components need again and again: lines through a matcher, samples by name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "components/component.h"

namespace gpud {

/// The events of some lines a second apart, as the frame would give them: only lines that hold one
/// of the component's needles reach its matcher.
std::vector<Event> Match(const ComponentType& type, const std::vector<std::string>& lines);

/// The value of the sample with this name and these labels.
std::optional<double> SampleOf(const Report& report, std::string_view metric,
                               const Labels& labels = {});

/// The state of this name, or null.
const HealthState* StateOf(const Report& report, std::string_view name);

}  // namespace gpud
