// SPDX-License-Identifier: Apache-2.0
#include "sources/local/http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>

#include <array>
#include <cerrno>

#include "platform/text.h"
#include "sources/local/connection.h"

namespace gpud::local {
namespace {

std::string NameOf(const HttpRequest& request) {
  return request.socket.empty() ? "127.0.0.1:" + std::to_string(request.port) : request.socket;
}

Result<UniqueFd> Connect(const Root& root, const HttpRequest& request, Time until) {
  if (!request.socket.empty()) return ConnectUnix(root, request.socket);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(request.port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ConnectTcp(reinterpret_cast<const sockaddr&>(address), sizeof address, NameOf(request),
                    until);
}

Result<void> Send(int fd, std::string_view bytes, Time until) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN || errno == EINTR) {
      if (auto ready = Wait(fd, POLLOUT, until); !ready) return ready;
    } else {
      return FailErrno("send", errno);
    }
  }
  return {};
}

Result<std::string> Receive(int fd, std::size_t most_bytes, Time until) {
  std::string received;
  std::array<char, 16 << 10> buffer;
  for (;;) {
    if (const auto ready = Wait(fd, POLLIN, until); !ready) {
      return tl::unexpected<Error>(ready.error());
    }
    const ssize_t n = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (n == 0) return received;
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (n < 0) return FailErrno("recv", errno);
    received.append(buffer.data(), static_cast<std::size_t>(n));
    if (received.size() > most_bytes) {
      return Fail(ErrorCode::kIo, "the answer is longer than " + BytesText(most_bytes));
    }
  }
}

}  // namespace

Result<HttpAnswer> ParseHttpAnswer(std::string_view bytes) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  constexpr std::size_t kStatusDigits = 3;
  const std::size_t end = bytes.find(kEnd);
  const std::size_t blank = bytes.find(' ');
  if (!bytes.starts_with("HTTP/1.") || end == std::string_view::npos || blank > end) {
    return Fail(ErrorCode::kParse, "no HTTP answer");
  }
  const auto status = ParseNumber<int>(bytes.substr(blank + 1, kStatusDigits));
  const std::string head = ToLower(bytes.substr(0, end));
  if (!status || head.find("\r\ntransfer-encoding:") != std::string::npos) {
    return Fail(ErrorCode::kParse, "no answer of HTTP/1.0");
  }
  HttpAnswer answer{.status = *status, .body = std::string(bytes.substr(end + kEnd.size()))};
  constexpr std::string_view kLength = "\r\ncontent-length:";
  if (const std::size_t at = head.find(kLength); at != std::string::npos) {
    const std::string_view rest = std::string_view(head).substr(at + kLength.size());
    const auto length = ParseNumber<std::size_t>(Trim(rest.substr(0, rest.find('\r'))));
    if (!length || answer.body.size() < *length) {
      return Fail(ErrorCode::kIo, "the connection ended before the answer");
    }
    answer.body.resize(*length);
  }
  return answer;
}

Result<HttpAnswer> HttpGet(const Root& root, const HttpRequest& request) {
  const Time until = std::chrono::steady_clock::now() + request.patience;
  const auto fd = Connect(root, request, until);
  if (!fd) return tl::unexpected<Error>(fd.error());
  const std::string name = NameOf(request) + ": GET " + request.target;
  const auto sent = Send(fd->get(),
                         "GET " + request.target + " HTTP/1.0\r\nHost: " + request.host +
                             "\r\nUser-Agent: gpud/" GPUD_VERSION "\r\n\r\n",
                         until);
  if (!sent) return Pass(sent, name);
  const auto bytes = Receive(fd->get(), request.most_bytes, until);
  if (!bytes) return Pass(bytes, name);
  auto answer = ParseHttpAnswer(*bytes);
  if (!answer) return Pass(std::move(answer), name);
  return answer;
}

Result<std::string> HttpBody(const Root& root, const HttpRequest& request) {
  auto answer = HttpGet(root, request);
  if (!answer) return tl::unexpected<Error>(std::move(answer).error());
  constexpr int kOk = 200, kUnauthorized = 401, kForbidden = 403;
  if (answer->status == kOk) return std::move(answer->body);
  const bool refused = answer->status == kUnauthorized || answer->status == kForbidden;
  constexpr std::size_t kMostWords = 200;
  const std::string words(Trim(std::string_view(answer->body).substr(0, kMostWords)));
  return Fail(refused ? ErrorCode::kPermission : ErrorCode::kIo,
              NameOf(request) + ": GET " + request.target + ": status " +
                  std::to_string(answer->status) + (words.empty() ? "" : ": " + ValidUtf8(words)),
              answer->status);
}

}  // namespace gpud::local
