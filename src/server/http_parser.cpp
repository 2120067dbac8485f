// SPDX-License-Identifier: Apache-2.0
#include "server/http_parser.h"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "platform/text.h"

namespace gpud::server {
namespace beast = boost::beast;
namespace http = boost::beast::http;

struct RequestParser::Impl {
  Impl(std::size_t header_limit, std::size_t body_limit)
      : most_header_bytes(header_limit), most_body_bytes(body_limit) {
    parser.header_limit(std::uint32_t(header_limit));
    parser.body_limit(body_limit);
  }

  void OnError(const beast::error_code& error);
  void OnHeader();

  const std::size_t most_header_bytes;
  const std::size_t most_body_bytes;
  std::size_t header_bytes = 0;
  bool header_seen = false;
  bool expects_continue = false;
  std::optional<Refusal> refusal;
  http::request_parser<http::string_body> parser;
};

void RequestParser::Impl::OnError(const beast::error_code& error) {
  if (error == http::error::header_limit) {
    refusal = {431, "the request's header is longer than " + BytesText(most_header_bytes)};
  } else if (error == http::error::body_limit) {
    refusal = {413, "the request's body is longer than " + BytesText(most_body_bytes)};
  } else if (error == http::error::bad_version) {
    refusal = {505, "only HTTP/1.1 and HTTP/1.0 are spoken here"};
  } else {
    refusal = {400, "this is no valid HTTP request: " + error.message()};
  }
}

/// What Beast lets through but must not be guessed at (RFC 9112: 3.2 Host, 6.1 and 6.3 lengths).
void RequestParser::Impl::OnHeader() {
  header_seen = true;
  parser.eager(true);
  const auto& message = parser.get();
  const auto hosts = message.count(http::field::host);
  const auto encoding = message.find(http::field::transfer_encoding);
  if (hosts > 1 || (hosts == 0 && message.version() >= 11)) {
    refusal = {400, "exactly one Host header is needed"};
  } else if (encoding != message.end() &&
             (message.version() < 11 || !beast::iequals(encoding->value(), "chunked"))) {
    refusal = {400, "the only Transfer-Encoding that is understood is chunked, in HTTP/1.1"};
  }
  expects_continue =
      !parser.is_done() && beast::iequals(message[http::field::expect], "100-continue");
}

RequestParser::RequestParser(std::size_t most_header_bytes, std::size_t most_body_bytes)
    : impl_(std::make_unique<Impl>(most_header_bytes, most_body_bytes)) {}
RequestParser::~RequestParser() = default;

std::size_t RequestParser::Feed(std::string_view bytes) {
  Impl& impl = *impl_;
  std::size_t used = 0;
  if (impl.header_bytes == 0) {  // RFC 9112, 2.2: ignore empty lines before a request
    used = std::min(bytes.find_first_not_of("\r\n"), bytes.size());
  }
  while (used < bytes.size() && !impl.parser.is_done() && !impl.refusal) {
    beast::error_code error;
    const std::size_t put =
        impl.parser.put(boost::asio::const_buffer(bytes.data() + used, bytes.size() - used), error);
    used += put;
    const bool header_done = impl.parser.is_header_done();
    if (!impl.header_seen) {
      // Beast's own limit is for what it has not taken yet, not for the header.
      impl.header_bytes += put;
      if (impl.header_bytes + (header_done ? 0 : bytes.size() - used) > impl.most_header_bytes) {
        error = http::error::header_limit;
      } else if (header_done) {
        impl.OnHeader();
      }
    } else if (bytes.size() - used > impl.most_header_bytes && !impl.parser.is_done()) {
      error = http::error::bad_chunk_extension;
    }
    if (error == http::error::need_more) break;
    if (error) impl.OnError(error);
  }
  return used;
}

bool RequestParser::done() const { return impl_->parser.is_done() && !impl_->refusal; }
const std::optional<Refusal>& RequestParser::refusal() const { return impl_->refusal; }
std::size_t RequestParser::body_bytes() const { return impl_->parser.get().body().size(); }
bool RequestParser::TakeExpectsContinue() { return std::exchange(impl_->expects_continue, false); }

RequestParser::Parsed RequestParser::Take() {
  auto message = impl_->parser.release();
  Parsed parsed;
  parsed.keep_alive = message.keep_alive();
  parsed.http_1_0 = message.version() < 11;
  parsed.target = message.target();
  parsed.request.method = message.method_string();
  for (const auto& field : message) {
    parsed.request.headers.emplace_back(ToLower(field.name_string()), field.value());
  }
  parsed.request.body = std::move(message.body());
  return parsed;
}

}  // namespace gpud::server
