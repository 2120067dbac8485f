// SPDX-License-Identifier: Apache-2.0
// Yaml: a YAML document as a tree that knows its lines. The only file that knows yaml-cpp is
// yaml.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/json.h"
#include "platform/result.h"

namespace gpud {

struct YamlMember;

struct YamlNode {
  enum class Kind : unsigned char { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  int line = 0;         ///< counted from 1
  bool quoted = false;  ///< a scalar that was meant as a text: "8"
  std::string text;     ///< of a scalar, as written
  std::vector<YamlNode> items;
  std::vector<YamlMember> members;  ///< in the order of the text, doubles included
};

struct YamlMember {
  std::string key;
  int line = 0;
  YamlNode value;
};

/// One document (an empty one is null). Error: kParse, "LINE: what is wrong" (also: more than
/// 100,000 values, as aliases can make of a few lines).
Result<YamlNode> ParseYamlTree(std::string_view text);

/// Plain scalars as what YAML reads in them.
Json JsonOfYaml(const YamlNode& node);

}  // namespace gpud
