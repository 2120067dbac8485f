// SPDX-License-Identifier: Apache-2.0
#include "client/client.h"

#include <array>

#include "client/answer_parser.h"
#include "client/dial.h"
#include "platform/root.h"
#include "platform/text.h"

namespace gpud::client {
namespace {

constexpr std::string_view kLocalServer = "localhost:15132";

Result<Stream> Dial(const Options& options, Deadline deadline) {
  Error unix_problem;
  if (options.server.empty() && !options.socket.empty()) {
    auto stream = DialUnix(options.socket, deadline);
    if (stream) return stream;
    if (options.socket_only) return stream;
    unix_problem = std::move(stream).error();
  }
  const auto server = ParseServer(options.server.empty() ? kLocalServer : options.server);
  if (!server) return tl::unexpected<Error>(server.error());
  auto stream = DialTls(*server, options, deadline);
  if (stream || unix_problem.what.empty() || stream.error().code != ErrorCode::kNotFound) {
    return stream;
  }
  // Nobody listens on TCP: then the socket's story is the better one, unless it is the same.
  if (unix_problem.code != ErrorCode::kNotFound) {
    return tl::unexpected<Error>(std::move(unix_problem));
  }
  return Fail(ErrorCode::kNotFound, "no gpud answers at " + options.socket + " or " + server->text +
                                        ": is it running? (gpud run)");
}

Result<std::string> Authorization(const std::string& token_file) {
  if (token_file.empty()) return {};
  const auto text = Root().Read(token_file);
  if (!text) {
    // kNotFound would say that there is no daemon.
    return Fail(ErrorCode::kPermission, "--api-token-file: " + text.error().what, text.error().sys);
  }
  const std::string_view token = Trim(*text);
  if (token.find_first_of("\r\n") != token.npos) {
    return Fail(ErrorCode::kPermission,
                "--api-token-file: " + token_file + ": it must be one line");
  }
  return "Authorization: Bearer " + std::string(token) + "\r\n";
}

Result<void> SendAll(Stream& stream, std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    std::size_t put = 0;
    const Io io = stream.Write(bytes, put);
    bytes.remove_prefix(put);
    // A server that refuses a long request answers before it has read all of it.
    if (io == Io::kClosed) return {};
    if (io == Io::kDone) continue;
    if (auto ready = Await(stream, io, deadline); !ready) return ready;
  }
  return {};
}

Result<Answer> Receive(Stream& stream, Deadline deadline) {
  AnswerParser parser;
  std::array<char, 16 << 10> buffer;
  while (!parser.done()) {
    std::size_t got = 0;
    const Io io = stream.Read(buffer, got);
    if (io == Io::kDone) {
      if (auto fed = parser.Feed({buffer.data(), got}); !fed) {
        return tl::unexpected<Error>(std::move(fed).error());
      }
    } else if (auto ready = Await(stream, io, deadline); !ready) {
      return tl::unexpected<Error>(std::move(ready).error());
    }
  }
  return parser.Take();
}

void AppendEncoded(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       std::string_view("-._~,:/").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[static_cast<unsigned char>(c) & 0x0F];
    }
  }
}

}  // namespace

Result<Answer> Call(const Options& options, const std::string& method, const std::string& target,
                    const std::string& body) {
  const Deadline deadline = std::chrono::steady_clock::now() + options.timeout;
  const auto authorization = Authorization(options.api_token_file);
  if (!authorization) return tl::unexpected<Error>(authorization.error());
  auto stream = Dial(options, deadline);
  if (!stream) return tl::unexpected<Error>(std::move(stream).error());

  std::string request =
      method + " " + target + " HTTP/1.1\r\nHost: gpud\r\nConnection: close\r\n" + *authorization;
  if (!body.empty()) {
    request +=
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  }
  request += "\r\n" + body;
  if (auto sent = SendAll(*stream, request, deadline); !sent) {
    return Pass(std::move(sent), method + " " + target);
  }
  auto answer = Receive(*stream, deadline);
  if (!answer) return Pass(std::move(answer), method + " " + target);
  return answer;
}

std::string Target(std::string_view path,
                   const std::vector<std::pair<std::string, std::string>>& query) {
  std::string target(path);
  char separator = '?';
  for (const auto& [name, value] : query) {
    if (value.empty()) continue;
    target += std::exchange(separator, '&');
    AppendEncoded(target, name);
    target += '=';
    AppendEncoded(target, value);
  }
  return target;
}

}  // namespace gpud::client
