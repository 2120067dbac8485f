// SPDX-License-Identifier: Apache-2.0
// A GET of daemons on this machine: container engines, the kubelet, tailscaled.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "platform/root.h"

namespace gpud::local {

struct HttpRequest {
  std::string socket;  ///< path in the root; empty: `port` of 127.0.0.1
  std::uint16_t port = 0;
  std::string target;  ///< "/version"
  std::string host = "localhost";
  std::chrono::milliseconds patience{1500};
  std::size_t most_bytes = 8 << 20;  ///< of the answer
};

struct HttpAnswer {
  int status = 0;
  std::string body;
};

/// Any status is an answer. Speaks HTTP/1.0, so that the body comes in one piece. Errors:
/// kNotFound, nobody is there; kPermission, kTimeout; kParse, no HTTP; kIo.
Result<HttpAnswer> HttpGet(const Root& root, const HttpRequest& request);

/// The body of an answer with status 200. Errors: as above; kPermission for 401 and 403; kIo with
/// the server's words for others.
Result<std::string> HttpBody(const Root& root, const HttpRequest& request);

/// Error: kParse.
Result<HttpAnswer> ParseHttpAnswer(std::string_view bytes);

}  // namespace gpud::local
