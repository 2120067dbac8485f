// SPDX-License-Identifier: Apache-2.0
// What tests of components need again and again: lines through a matcher, samples by name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "components/component.h"

namespace gpud {

/// What some lines a second apart say, as the frame would ask: only lines that hold one of the
/// component's needles reach its matcher. Details of later lines are put into the finding before.
std::vector<LineFinding> Find(const ComponentType& type, const std::vector<std::string>& lines);

/// The events of these findings.
std::vector<Event> Match(const ComponentType& type, const std::vector<std::string>& lines);

/// What one line says, as the sample logs' tables have it: "code device severity ACTION", "-" for
/// no device; several findings with "; " between them, empty for none.
std::string Told(const ComponentType& type, const std::string& line);

/// The value of the sample with this name and these labels.
std::optional<double> SampleOf(const Report& report, std::string_view metric,
                               const Labels& labels = {});

/// The state of this name, or null.
const HealthState* StateOf(const Report& report, std::string_view name);

}  // namespace gpud
