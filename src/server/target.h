// SPDX-License-Identifier: Apache-2.0
// Target: the path and the query of a request's first line, decoded.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/result.h"

namespace gpud::server {

struct Target {
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;  ///< in order
};

/// "/path?a=1&b" or with "https://host" before it (RFC 9112, 3.2). %XX is decoded everywhere, '+'
/// is a blank in the query. Bytes stay what they are: the result may be no UTF-8 and hold NULs.
/// Error: kParse, a '%' without two hex digits behind it.
Result<Target> ParseTarget(std::string_view text);

}  // namespace gpud::server
