// SPDX-License-Identifier: Apache-2.0
// Explained codes (catalog/explain.h) as the command line shows them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/explain.h"
#include "cli/terminal.h"
#include "platform/json.h"

namespace gpud::cli {

/// All of one code: meaning, what to do, what others say. `site_file`: the overlay's, where it
/// changes this code.
std::string FaultText(const catalog::Explanation& fault, std::string_view site_file,
                      const Terminal& terminal);
/// A line for each.
std::string FaultListText(const std::vector<catalog::Explanation>& faults,
                          const Terminal& terminal);

/// For programs: what is empty is left out.
Json FaultJson(const catalog::Explanation& fault);

/// True when the code's name, meaning, causes, log texts or remark hold `word` (any case), or its
/// number is `word`.
bool Mentions(const catalog::Explanation& fault, std::string_view word);

}  // namespace gpud::cli
