// SPDX-License-Identifier: Apache-2.0
#include "client/answer_parser.h"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace gpud::client {

namespace http = boost::beast::http;

struct AnswerParser::Impl {
  http::response_parser<http::string_body> parser;
  std::string pending;  ///< a line of the header or of a chunk that is not whole yet
};

AnswerParser::AnswerParser() : impl_(std::make_unique<Impl>()) {
  impl_->parser.eager(true);
  impl_->parser.body_limit(256ULL << 20);
}
AnswerParser::~AnswerParser() = default;

Result<void> AnswerParser::Feed(std::string_view bytes) {
  std::string& pending = impl_->pending;
  pending.append(bytes);
  while (!pending.empty() && !done()) {
    boost::beast::error_code error;
    const auto used =
        impl_->parser.put(boost::asio::const_buffer(pending.data(), pending.size()), error);
    pending.erase(0, used);
    if (error == http::error::need_more) return {};
    if (error) return Fail(ErrorCode::kIo, "no valid HTTP answer: " + error.message());
  }
  return {};
}

bool AnswerParser::done() const { return impl_->parser.is_done(); }

Answer AnswerParser::Take() {
  auto message = impl_->parser.release();
  return {.status = message.result_int(),
          .body = std::move(message.body()),
          .simulated = std::string(message["gpud-simulated"])};
}

}  // namespace gpud::client
