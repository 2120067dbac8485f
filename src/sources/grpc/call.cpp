// SPDX-License-Identifier: Apache-2.0
#include "sources/grpc/call.h"

#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "platform/text.h"
#include "sources/local/connection.h"

namespace gpud::grpc {
namespace {

using local::Time;

constexpr std::size_t kPrefix = 5;         // of a message: compressed or not, length
constexpr std::int32_t kWindow = 1 << 20;  // bytes under way, instead of HTTP/2's 64 KiB
constexpr int kUnimplemented = 12, kPermissionDenied = 7, kUnauthenticated = 16, kDeadline = 4;

/// What has come of the call so far.
struct Exchange {
  std::string_view to_send;
  std::size_t most_bytes = 0;
  std::string received;
  std::string http_status, grpc_status, grpc_message;
  bool closed = false;
  bool too_long = false;
};

Exchange& Of(void* user_data) { return *static_cast<Exchange*>(user_data); }

ssize_t OnRead(nghttp2_session*, std::int32_t, std::uint8_t* buffer, std::size_t length,
               std::uint32_t* flags, nghttp2_data_source*, void* user_data) {
  Exchange& exchange = Of(user_data);
  const std::size_t n = std::min(length, exchange.to_send.size());
  std::memcpy(buffer, exchange.to_send.data(), n);
  exchange.to_send.remove_prefix(n);
  if (exchange.to_send.empty()) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(n);
}

int OnData(nghttp2_session*, std::uint8_t, std::int32_t, const std::uint8_t* data,
           std::size_t length, void* user_data) {
  Exchange& exchange = Of(user_data);
  exchange.too_long = exchange.received.size() + length > exchange.most_bytes;
  if (exchange.too_long) return NGHTTP2_ERR_CALLBACK_FAILURE;
  exchange.received.append(reinterpret_cast<const char*>(data), length);
  return 0;
}

int OnHeader(nghttp2_session*, const nghttp2_frame*, const std::uint8_t* name,
             std::size_t name_length, const std::uint8_t* value, std::size_t value_length,
             std::uint8_t, void* user_data) {
  const auto text = [](const std::uint8_t* bytes, std::size_t length) {
    return std::string_view(reinterpret_cast<const char*>(bytes), length);
  };
  Exchange& exchange = Of(user_data);
  const std::string_view field = text(name, name_length);
  if (field == ":status") exchange.http_status = text(value, value_length);
  if (field == "grpc-status") exchange.grpc_status = text(value, value_length);
  if (field == "grpc-message") exchange.grpc_message = text(value, value_length);
  return 0;
}

int OnClose(nghttp2_session*, std::int32_t, std::uint32_t, void* user_data) {
  Of(user_data).closed = true;
  return 0;
}

struct Deleter {
  void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
  void operator()(nghttp2_session_callbacks* all) const { nghttp2_session_callbacks_del(all); }
};
using Session = std::unique_ptr<nghttp2_session, Deleter>;

/// A session with the call in it, not sent yet; null without memory.
Session Begin(const Request& request, Exchange& exchange) {
  nghttp2_session_callbacks* raw_callbacks = nullptr;
  if (nghttp2_session_callbacks_new(&raw_callbacks) != 0) return nullptr;
  const std::unique_ptr<nghttp2_session_callbacks, Deleter> callbacks(raw_callbacks);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(raw_callbacks, OnData);
  nghttp2_session_callbacks_set_on_header_callback(raw_callbacks, OnHeader);
  nghttp2_session_callbacks_set_on_stream_close_callback(raw_callbacks, OnClose);
  nghttp2_session* raw = nullptr;
  if (nghttp2_session_client_new(&raw, raw_callbacks, &exchange) != 0) return nullptr;
  Session session(raw);

  const nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
                                             {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kWindow}};
  nghttp2_submit_settings(raw, NGHTTP2_FLAG_NONE, settings, std::size(settings));
  nghttp2_session_set_local_window_size(raw, NGHTTP2_FLAG_NONE, 0, kWindow);
  const auto header = [](std::string_view name, std::string_view value) {
    // Not const in its interface; it copies them all the same.
    return nghttp2_nv{reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
                      reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())), name.size(),
                      value.size(), NGHTTP2_NV_FLAG_NONE};
  };
  const nghttp2_nv headers[] = {header(":method", "POST"),
                                header(":scheme", "http"),
                                header(":path", request.method),
                                header(":authority", "localhost"),
                                header("te", "trailers"),
                                header("content-type", "application/grpc"),
                                header("user-agent", "gpud/" GPUD_VERSION)};
  const nghttp2_data_provider body{.source = {}, .read_callback = OnRead};
  nghttp2_submit_request(raw, nullptr, headers, std::size(headers), &body, nullptr);
  return session;
}

/// Sends all that the session has to say.
Result<void> Send(int fd, nghttp2_session* session, Time until) {
  for (;;) {
    const std::uint8_t* bytes = nullptr;
    ssize_t length = nghttp2_session_mem_send(session, &bytes);
    if (length < 0) return Fail(ErrorCode::kParse, nghttp2_strerror(static_cast<int>(length)));
    if (length == 0) return {};
    while (length > 0) {
      const ssize_t n = ::send(fd, bytes, static_cast<std::size_t>(length), MSG_NOSIGNAL);
      if (n >= 0) {
        bytes += n;
        length -= n;
      } else if (errno == EAGAIN || errno == EINTR) {
        if (auto ready = local::Wait(fd, POLLOUT, until); !ready) return ready;
      } else {
        return FailErrno("send", errno);
      }
    }
  }
}

Result<void> Talk(int fd, nghttp2_session* session, const Exchange& exchange, Time until) {
  std::array<std::uint8_t, 16 << 10> buffer;
  for (;;) {
    if (auto sent = Send(fd, session, until); !sent) return sent;
    if (exchange.closed) return {};
    // It has said goodbye to a server of which it understood nothing.
    if (nghttp2_session_want_read(session) == 0) {
      return Fail(ErrorCode::kParse, "the server does not speak HTTP/2");
    }
    if (auto ready = local::Wait(fd, POLLIN, until); !ready) return ready;
    const ssize_t n = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (n < 0) return FailErrno("recv", errno);
    if (n == 0) return Fail(ErrorCode::kIo, "the connection ended before the answer");
    const ssize_t used =
        nghttp2_session_mem_recv(session, buffer.data(), static_cast<std::size_t>(n));
    if (exchange.too_long) {
      return Fail(ErrorCode::kIo, "the answer is longer than " + BytesText(exchange.most_bytes));
    }
    if (used < 0) return Fail(ErrorCode::kParse, nghttp2_strerror(static_cast<int>(used)));
  }
}

Result<std::string> MessageOf(Exchange& exchange) {
  const auto status = ParseNumber<int>(exchange.grpc_status);
  if (exchange.http_status != "200" || !status) {
    return Fail(ErrorCode::kParse, "no gRPC answer (HTTP status " + exchange.http_status + ")");
  }
  if (*status != 0) {
    ErrorCode code = ErrorCode::kIo;
    if (*status == kUnimplemented) code = ErrorCode::kUnsupported;
    if (*status == kPermissionDenied || *status == kUnauthenticated) code = ErrorCode::kPermission;
    if (*status == kDeadline) code = ErrorCode::kTimeout;
    return Fail(code,
                "gRPC status " + exchange.grpc_status + ": " +
                    ValidUtf8(exchange.grpc_message.substr(0, 256)),
                *status);
  }
  const std::string& bytes = exchange.received;
  std::size_t length = 0;
  for (std::size_t i = 1; i < kPrefix && i < bytes.size(); ++i) {
    length = length << 8 | static_cast<unsigned char>(bytes[i]);
  }
  if (bytes.size() < kPrefix || bytes[0] != 0 || length != bytes.size() - kPrefix) {
    return Fail(ErrorCode::kParse, "not one uncompressed message");
  }
  return bytes.substr(kPrefix);
}

}  // namespace

Result<std::string> Call(const Root& root, const Request& request) {
  const Time until = std::chrono::steady_clock::now() + request.patience;
  const auto fd = local::ConnectUnix(root, request.socket);
  if (!fd) return tl::unexpected<Error>(fd.error());
  std::string body(1, '\0');  // not compressed
  for (int shift = 24; shift >= 0; shift -= 8) {
    body += static_cast<char>(request.message.size() >> shift & 0xffU);
  }
  body += request.message;
  Exchange exchange{.to_send = body, .most_bytes = request.most_bytes + kPrefix};
  const Session session = Begin(request, exchange);
  if (!session) return Fail(ErrorCode::kInternal, request.method + ": out of memory");
  const auto done = Talk(fd->get(), session.get(), exchange, until);
  if (!done) return Pass(done, request.socket + ": " + request.method);
  auto message = MessageOf(exchange);
  if (!message) return Pass(std::move(message), request.socket + ": " + request.method);
  return message;
}

}  // namespace gpud::grpc
