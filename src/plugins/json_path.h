// SPDX-License-Identifier: Apache-2.0
// JsonPath: a query into a JSON document, in the dialect of the original (docs/plugins.md, "Queries
// into the output"), and a value's text as the original shows it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "platform/json.h"
#include "platform/result.h"

namespace gpud::plugins {

class JsonPath {
 public:
  /// Error: kParse, "parsing error: ...".
  static Result<JsonPath> Compile(std::string_view query);
  JsonPath(JsonPath&&) noexcept;
  JsonPath& operator=(JsonPath&&) noexcept;
  ~JsonPath();

  /// What is found: a copy, or the list of all matches when the query is one that may have many.
  /// Nothing when a member of an object is missing on the way, or the value found is null. Error:
  /// kParse, a step that the value cannot take ("index 9 out of bounds"), or one of too much work.
  Result<std::optional<Json>> Find(const Json& document) const;

 private:
  struct Impl;
  explicit JsonPath(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Texts as they are, numbers as Go's %g prints doubles, lists and objects as Go's compact JSON
/// with sorted keys.
std::string ValueText(const Json& value);

/// The first JSON object of a text: from the first `{`, whatever follows it. Nothing without a `{`.
/// Error: kParse, what starts there is no object.
Result<std::optional<Json>> FirstObject(std::string_view text);

}  // namespace gpud::plugins
