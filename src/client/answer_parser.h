// SPDX-License-Identifier: Apache-2.0
// AnswerParser: the bytes of a server's answer. The client's only use of Beast.
#pragma once

#include <memory>
#include <string_view>

#include "client/client.h"

namespace gpud::client {

/// For the one answer of a connection.
class AnswerParser {
 public:
  AnswerParser();
  ~AnswerParser();

  /// Takes all of `bytes`. Error: kIo, they are no HTTP answer or it is longer than 256 MiB.
  Result<void> Feed(std::string_view bytes);
  bool done() const;
  Answer Take();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gpud::client
