// SPDX-License-Identifier: Apache-2.0
// One gRPC call over a Unix socket, for the kubelet and container runtimes: HTTP/2 by nghttp2, a
// connection for each call. gRPC's own library costs 10 MB and seven threads.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "platform/root.h"

namespace gpud::grpc {

struct Request {
  std::string socket;   ///< path in the root
  std::string method;   ///< "/v1.PodResourcesLister/List"
  std::string message;  ///< serialised
  std::chrono::milliseconds patience{1500};
  std::size_t most_bytes = 32 << 20;  ///< of the answer
};

/// The serialised answer. Errors: kNotFound, there is no such socket, or nobody listens on it;
/// kPermission; kTimeout; kUnsupported, the server does not know the method (UNIMPLEMENTED);
/// kParse, it does not speak gRPC; kIo, with its own message and gRPC's status in Error::sys.
/// Source: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md.
Result<std::string> Call(const Root& root, const Request& request);

}  // namespace gpud::grpc
