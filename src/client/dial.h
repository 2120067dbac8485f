// SPDX-License-Identifier: Apache-2.0
// Dial: a connection to a daemon, of which we know as much as the options ask for.
#pragma once

#include <chrono>
#include <string>

#include "client/client.h"
#include "client/stream.h"

namespace gpud::client {

using Deadline = std::chrono::steady_clock::time_point;

/// Waits until `io` can go on. Errors: kTimeout; kIo when the stream has ended.
Result<void> Await(const Stream& stream, Io io, Deadline deadline);

/// Errors: kNotFound (nobody listens), kPermission, kTimeout, kIo.
Result<Stream> DialUnix(const std::string& path, Deadline deadline);

struct ServerName {
  std::string host;  ///< without brackets
  std::string port;
  std::string text;  ///< "https://HOST:PORT"
};
/// Error: kParse.
Result<ServerName> ParseServer(std::string_view server);

/// With the handshake done and the server's certificate accepted (see client.h). Errors: as above;
/// kPermission: the certificate is not to be trusted.
Result<Stream> DialTls(const ServerName& server, const Options& options, Deadline deadline);

}  // namespace gpud::client
