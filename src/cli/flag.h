// SPDX-License-Identifier: Apache-2.0
// Flag: one option of a command as data, from which the parser, the help texts, the completions and
// the configuration file all follow; and how its value is read, wherever it was written.
#pragma once

#include <string>
#include <string_view>

#include "platform/json.h"
#include "platform/result.h"

namespace gpud::cli {

enum class Kind : unsigned char { kSwitch, kText, kInteger, kDuration, kLevel, kList, kJson };

struct Flag {
  std::string_view name;  ///< without dashes: "log-level"
  char letter = 0;        ///< the short form; 0 = none
  Kind kind = Kind::kText;
  std::string_view value;    ///< what help calls it: "LEVEL"; empty for a switch
  std::string_view help;     ///< one sentence, lower case, no stop
  std::string_view choices;  ///< "table,json,yaml"; empty = anything
  std::string_view alias;    ///< a second long name
  bool hidden = false;       ///< accepted, but not in help and completions
};

/// Reads a value as text gives it (command line, environment, a scalar of the configuration file).
/// A switch gives bool (Go's spellings: 1, t, T, true, TRUE, True, 0 ...), an integer int64 (also
/// 0x..), a list the array of its comma-separated entries (not trimmed), JSON the document, all
/// others the text. A value of exactly `""` counts as empty, and so does nothing for a number.
/// Error: kParse, `"x" is not a duration (such as 30s, 5m, 1h30m)`, `unrecognized level: "x"`.
Result<Json> ParseValue(const Flag& flag, std::string_view text);

/// "a duration (such as 30s, 5m, 1h30m)": for messages.
std::string_view KindWords(Kind kind);

/// The word of `known` (comma-separated) that `word` is a slip of, or nothing.
std::string_view ClosestWord(std::string_view word, std::string_view known);

}  // namespace gpud::cli
