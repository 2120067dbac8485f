// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <cstdlib>
#include <string>

#include "client/answer_parser.h"
#include "server/http_parser.h"
#include "server/target.h"

// What comes from a socket: requests to the server, answers to the client, and targets.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  using namespace gpud;
  (void)server::ParseTarget(text);
  server::RequestParser parser(4096, 65536);
  std::string_view rest = text;
  while (!rest.empty() && !parser.done() && !parser.refusal()) {
    const std::size_t taken = parser.Feed(rest);
    if (taken > rest.size()) std::abort();
    if (taken == 0) break;
    rest.remove_prefix(taken);
  }
  if (parser.done()) (void)parser.Take();
  client::AnswerParser answer;
  if (answer.Feed(text) && answer.done()) (void)answer.Take();
  return 0;
}
