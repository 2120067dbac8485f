// SPDX-License-Identifier: Apache-2.0
// The configuration file's YAML, as keys with their lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/json.h"
#include "platform/result.h"

namespace gpud::cli {

struct YamlEntry {
  std::string key;
  int line = 0;  ///< counted from 1
  bool scalar = false;
  bool quoted = false;  ///< a scalar that was meant as a text: "8"
  std::string text;     ///< of a scalar, as written
  Json value;           ///< plain scalars as what YAML reads in them
};

/// The entries of one document that is a map (an empty one has none), in the order of the text,
/// doubles included. Error: kParse, "LINE: what is wrong" (also: more than 100,000 values, as
/// aliases can make of a few lines).
Result<std::vector<YamlEntry>> ParseYaml(std::string_view text);

}  // namespace gpud::cli
