// SPDX-License-Identifier: Apache-2.0
// Client: the API of a daemon, called from the CLI. Blocking; one request at a time.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "platform/result.h"

namespace gpud::client {

struct Options {
  std::string socket;  ///< Unix socket; tried first when `server` is empty
  std::string server;  ///< "https://HOST:PORT", "HOST:PORT"; empty = socket, then localhost:15132
  bool socket_only = false;  ///< no localhost:15132: the socket says which daemon is meant
  std::string api_token_file;
  std::string ca_file;      ///< verify the server's certificate against it
  std::string fingerprint;  ///< or accept just this certificate (SHA-256, with or without colons)
  std::chrono::milliseconds timeout{30'000};
};

struct Answer {
  unsigned status = 0;
  std::string body;
  std::string simulated;  ///< the scenario, when the daemon watches a simulated machine
};

/// Errors: kNotFound (no daemon there), kTimeout, kPermission (certificate, socket), kIo. Any HTTP
/// status is an answer. Without `ca_file` and `fingerprint` a loopback server's certificate is
/// accepted as it is (as the original's client does); a remote one must be in the system's store.
Result<Answer> Call(const Options& options, const std::string& method, const std::string& target,
                    const std::string& body = {});

/// A query with its parameters encoded; empty values are left out.
std::string Target(std::string_view path,
                   const std::vector<std::pair<std::string, std::string>>& query);

}  // namespace gpud::client
