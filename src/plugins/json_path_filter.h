// SPDX-License-Identifier: Apache-2.0
// The condition of a `[?(...)]`: comparisons of paths and literals, joined by && and ||.
#pragma once

#include <memory>
#include <string_view>

#include "platform/json.h"
#include "platform/result.h"

namespace gpud::plugins {

class Filter {
 public:
  virtual ~Filter() = default;
  /// `work` counts down; at zero all evaluation ends. What cannot be evaluated does not match.
  virtual bool Matches(const Json& root, const Json& current, int& work) const = 0;
};

/// Takes the condition off the front of `rest`, up to the parenthesis that closes it. Error:
/// kParse.
Result<std::unique_ptr<Filter>> ParseFilter(std::string_view& rest, int depth);

}  // namespace gpud::plugins
