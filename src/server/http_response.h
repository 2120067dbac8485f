// SPDX-License-Identifier: Apache-2.0
// An answer's bytes but for its body, and the answers that the server gives by itself.
#pragma once

#include <string>
#include <string_view>

#include "server/http.h"

namespace gpud::server {

/// {"code":STATUS,"message":"..."}
Response ErrorResponse(unsigned status, std::string_view message);

/// `given` without what does not print, at most 128 bytes of it; a new UUID v4 when none is left.
std::string RequestId(std::string_view given);

/// Gzips the body and says so in the headers; leaves all as it is when memory is short.
void Compress(Response& response);

enum class After : unsigned char { kKeepAlive, kKeepAliveHttp10, kClose };

/// Status line and headers with the empty line behind them. Line breaks in header values become
/// blanks.
std::string ResponseHead(const Response& response, std::string_view request_id, After after);

}  // namespace gpud::server
