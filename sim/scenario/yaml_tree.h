// SPDX-License-Identifier: Apache-2.0
// A YAML document as plain values that know their line. The only file that knows yaml-cpp is
// yaml_tree.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platform/result.h"

namespace gpud::scenario {

struct YamlMember;

struct Yaml {
  enum class Type : std::uint8_t { kNull, kScalar, kList, kMap };

  Type type = Type::kNull;
  int line = 0;         ///< counted from 1
  bool quoted = false;  ///< a scalar that is a text whatever it looks like
  std::string text;
  std::vector<Yaml> items;
  std::vector<YamlMember> members;  ///< in the order of the file

  // What a scalar is: plain `on`, `off`, `yes`, `no` are truth values (YAML 1.1).
  std::optional<double> Number() const;
  std::optional<std::int64_t> Integer() const;
  std::optional<bool> Truth() const;
  /// A scalar that is neither a number nor a truth value.
  bool IsText() const;
};

struct YamlMember {
  std::string key;
  Yaml value;
};

/// Error: kParse, "LINE: what is wrong"; also for a second document, a key given twice in a map,
/// and more than 500,000 values (aliases can make as many of a few lines).
Result<Yaml> ParseYaml(const std::string& text);

}  // namespace gpud::scenario
