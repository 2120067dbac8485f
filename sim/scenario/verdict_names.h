// SPDX-License-Identifier: Apache-2.0
// The words that `expect`, `forbid` and `allow` of a scenario may use: ids of section 2 of
// specs/diagnosis.md and actions of the fault-code data set.
#pragma once

#include <span>
#include <string_view>

namespace gpud::scenario {

std::span<const std::string_view> VerdictNames();
std::span<const std::string_view> ActionNames();

}  // namespace gpud::scenario
