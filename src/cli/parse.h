// SPDX-License-Identifier: Apache-2.0
// The arguments of one command, read by its flags. The only file that knows CLI11 is parse.cpp.
#pragma once

#include "cli/command.h"

namespace gpud::cli {

struct Parsed {
  Arguments arguments;      ///< what could be read, also when something else was wrong
  std::string usage_error;  ///< "flag provided but not defined: --foo"
  std::string level_error;  ///< "unrecognized level: \"x\""; told apart as in the original
};

/// `words`: what follows the command's name.
Parsed Parse(const Command& command, const std::vector<std::string>& words);

/// The same words in GNU spelling: `-log-level` becomes `--log-level`, `-l=x` `--log-level=x`, and
/// an empty value after `=` the two quotes that stand for an empty text. What follows `--`, and the
/// word after a flag that takes a value, stay as they are.
std::vector<std::string> GnuSpelling(const std::vector<const Flag*>& flags,
                                     const std::vector<std::string>& words);

}  // namespace gpud::cli
