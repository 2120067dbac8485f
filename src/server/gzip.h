// SPDX-License-Identifier: Apache-2.0
// Gzip: a body for clients that accept it so.
#pragma once

#include <string>
#include <string_view>

namespace gpud::server {

/// zlib at its fastest level: JSON shrinks to about a sixth at 300 MB/s. Empty when memory is
/// short.
std::string Gzip(std::string_view text);

}  // namespace gpud::server
