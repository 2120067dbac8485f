// SPDX-License-Identifier: Apache-2.0
#include "server/http_response.h"

#include <openssl/rand.h>

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "platform/clock.h"
#include "platform/json.h"
#include "server/gzip.h"

namespace gpud::server {
namespace {

std::string_view Reason(unsigned status) {
  struct Row {
    unsigned status;
    std::string_view reason;
  };
  static constexpr Row kRows[] = {
      {200, "OK"},
      {202, "Accepted"},
      {204, "No Content"},
      {301, "Moved Permanently"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {413, "Content Too Large"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"},
  };
  const auto* row = std::ranges::find(kRows, status, &Row::status);
  return row == std::end(kRows) ? "Status" : row->reason;
}

std::string DateText() {
  const std::time_t now = std::time_t(Seconds(SystemClock().Wall().time_since_epoch()));
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[64];
  return {text, std::strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

void AppendHeader(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  const std::size_t start = out.size();
  out.append(value);
  std::replace_if(
      out.begin() + std::ptrdiff_t(start), out.end(),
      [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
  out.append("\r\n");
}

}  // namespace

Response ErrorResponse(unsigned status, std::string_view message) {
  Response response{.status = status,
                    .body = "{\"code\":" + std::to_string(status) + ",\"message\":"};
  AppendJsonString(response.body, message);
  response.body += '}';
  return response;
}

void Compress(Response& response) {
  std::string small = Gzip(response.body);
  if (small.empty()) return;
  response.body = std::move(small);
  response.headers.emplace_back("Content-Encoding", "gzip");
  response.headers.emplace_back("Vary", "Accept-Encoding");
}

std::string RequestId(std::string_view given) {
  constexpr std::size_t kMostBytes = 128;
  std::string id;
  for (const char c : given.substr(0, kMostBytes)) {
    if (c > ' ' && c <= '~') id += c;
  }
  if (!id.empty()) return id;

  unsigned char bytes[16] = {};
  RAND_bytes(bytes, sizeof(bytes));
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0F) | 0x40);  // RFC 9562: version 4
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3F) | 0x80);  // and its variant
  constexpr std::string_view kHex = "0123456789abcdef";
  for (std::size_t i = 0; i < sizeof(bytes); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) id += '-';
    id += kHex[bytes[i] >> 4];
    id += kHex[bytes[i] & 0x0F];
  }
  return id;
}

std::string ResponseHead(const Response& response, std::string_view request_id, After after) {
  std::string out;
  out.reserve(512);
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  out.append(Reason(response.status)).append("\r\n");
  if (!response.content_type.empty()) AppendHeader(out, "Content-Type", response.content_type);
  const bool has_body = response.status >= 200 && response.status != 204 && response.status != 304;
  if (has_body) AppendHeader(out, "Content-Length", std::to_string(response.body.size()));
  AppendHeader(out, "Date", DateText());
  AppendHeader(out, "X-Request-Id", request_id);
  for (const auto& [name, value] : response.headers) AppendHeader(out, name, value);
  if (after == After::kClose) AppendHeader(out, "Connection", "close");
  if (after == After::kKeepAliveHttp10) AppendHeader(out, "Connection", "keep-alive");
  return out.append("\r\n");
}

}  // namespace gpud::server
