// SPDX-License-Identifier: Apache-2.0
// The steps of a compiled JSON path, and the walk along them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/json_path_filter.h"

namespace gpud::plugins {

struct PathStep {
  enum class Kind : unsigned char { kKeys, kAll, kSlice, kFilter };
  Kind kind = Kind::kKeys;
  bool descends = false;          ///< `..`: from every value below
  std::vector<std::string> keys;  ///< names or numbers; several are a union
  std::optional<std::int64_t> from, to, by;
  std::unique_ptr<Filter> filter;

  bool many() const { return descends || kind != Kind::kKeys || keys.size() > 1; }
};

/// Takes steps off the front of `rest` until something else stands there. Error: kParse.
Result<std::vector<PathStep>> ParseSteps(std::string_view& rest, int depth);

/// How much work a query may be: values looked at.
inline constexpr int kMostWork = 1'000'000;

/// Follows steps of which none is many(). Null: a member is missing. Error: kParse.
Result<const Json*> FollowOne(const std::vector<PathStep>& steps, const Json& from);
/// All that steps lead to.
std::vector<const Json*> FollowMany(const std::vector<PathStep>& steps, const Json& root,
                                    const Json& from, int& work);
bool IsMany(const std::vector<PathStep>& steps);

}  // namespace gpud::plugins
