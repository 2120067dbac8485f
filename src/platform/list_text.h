// SPDX-License-Identifier: Apache-2.0
// Lists as text.
#pragma once

#include <string>
#include <vector>

namespace gpud {

/// For a person: "one, two, three".
std::string ListText(const std::vector<std::string>& parts);

}  // namespace gpud
