// SPDX-License-Identifier: Apache-2.0
// RequestParser: bytes of a connection into one request. The server's only use of Beast.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/http.h"

namespace gpud::server {

/// Why a request cannot be served; becomes the answer's status and message.
struct Refusal {
  unsigned status = 400;
  std::string message;
};

/// For one request; a new one for the next.
class RequestParser {
 public:
  RequestParser(std::size_t most_header_bytes, std::size_t most_body_bytes);
  ~RequestParser();

  /// Takes bytes from the front of `bytes` and returns how many; those it leaves must come again,
  /// with more behind them, or belong to the next request. Not to be called once there is a result.
  std::size_t Feed(std::string_view bytes);

  bool done() const;
  const std::optional<Refusal>& refusal() const;
  /// Bytes of memory that the body takes so far.
  std::size_t body_bytes() const;
  /// True once: the client waits for "100 Continue" before it sends the body.
  bool TakeExpectsContinue();

  /// Of a request that is done. Method, target and headers as they came; path, query and peer are
  /// not filled in.
  struct Parsed {
    Request request;
    std::string target;
    bool keep_alive = false;
    bool http_1_0 = false;
  };
  Parsed Take();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gpud::server
