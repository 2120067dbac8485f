// SPDX-License-Identifier: Apache-2.0
// Help texts, made from the commands' tables; at most 80 columns.
#pragma once

#include <string>

#include "cli/command.h"

namespace gpud::cli {

/// `gpud --help`.
std::string Overview();
/// `gpud COMMAND --help`.
std::string HelpOf(const Command& command);

}  // namespace gpud::cli
