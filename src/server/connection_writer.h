// SPDX-License-Identifier: Apache-2.0
// ResponseWriter: an answer on its way out, however little the socket takes at a time.
#pragma once

#include <cstddef>
#include <string>

#include "client/stream.h"

namespace gpud::server {

class ResponseWriter {
 public:
  /// The head leaves together with as much of the body as fits into one TLS record.
  void Start(std::string head, std::string body);
  /// Done when all of it is written; its memory is free then.
  client::Io WriteTo(client::Stream& stream);

 private:
  std::string head_;  ///< with the first part of the body
  std::string body_;
  std::size_t body_in_head_ = 0;
  std::size_t written_ = 0;  ///< of head_, then of the rest of body_
};

}  // namespace gpud::server
