// SPDX-License-Identifier: Apache-2.0
// Json: a JSON document in memory, its text, and the same document as YAML. Structs of the wire are
// written straight to text by model/fields.h; this is for what is read or re-rendered.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "platform/result.h"

namespace gpud {

struct Json {
  using Array = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;  ///< in the order of the text
  std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string, Array,
               Object>
      value = nullptr;

  bool IsNull() const { return std::holds_alternative<std::nullptr_t>(value); }
  const std::string* AsString() const { return std::get_if<std::string>(&value); }
  const Array* AsArray() const { return std::get_if<Array>(&value); }
  const Object* AsObject() const { return std::get_if<Object>(&value); }
  /// The member of an object; null when this is no object or has no such member.
  const Json* Find(std::string_view key) const;
  /// Any number as a double; nothing else.
  const double* AsNumber(double& storage) const;
};

/// Error: kParse, with the offset.
Result<Json> ParseJson(std::string_view text);
/// Compact, or indented by `indent` blanks.
std::string JsonText(const Json& json, int indent = 0);
/// Keys sorted, 2 blanks, list dashes at the parent's indent, quoted where a plain word would read
/// back as something else, block literals for lines; ends in a newline.
std::string YamlText(const Json& json);

/// Appends `text` as a JSON string with its quotes; what is not UTF-8 becomes U+FFFD.
void AppendJsonString(std::string& out, std::string_view text);

}  // namespace gpud
