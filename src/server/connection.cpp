// SPDX-License-Identifier: Apache-2.0
#include "server/connection.h"

#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <exception>

#include "client/stream.h"
#include "server/connection_writer.h"
#include "server/http_parser.h"
#include "server/http_response.h"
#include "server/target.h"
#include "server/tls.h"

namespace gpud::server {
namespace {

namespace asio = boost::asio;
using Descriptor = asio::posix::stream_descriptor;
using client::Io;
using client::Stream;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kHandshakeTimeout{10'000};
/// How long a client that sends more than it should may take to read why that is refused.
constexpr milliseconds kDrainTimeout{2'000};
constexpr std::size_t kMostDrainedBytes = 4 << 20;
/// Of all connections together; smaller bodies than kSmallBody are not refused for it.
constexpr std::size_t kMostHeldBytes = 64 << 20;
constexpr std::size_t kSmallBody = 64 << 10;
/// Requests that one connection may have served before others get their turn.
constexpr int kMostInARow = 16;

constexpr std::string_view kPlainOnTls =
    "HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Connection: close\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

class HttpConnection;

/// The one answer that a request may get; a handler that drops it without an answer is a bug that
/// the client hears about.
class ReplyOnce {
 public:
  explicit ReplyOnce(std::weak_ptr<HttpConnection> connection)
      : connection_(std::move(connection)) {}
  ReplyOnce(const ReplyOnce&) = delete;
  ReplyOnce& operator=(const ReplyOnce&) = delete;
  ~ReplyOnce() {
    if (connection_.expired()) return;
    Give(ErrorResponse(500, "the request got no answer: this is a bug in gpud"));
  }

  void Give(Response response);

 private:
  std::weak_ptr<HttpConnection> connection_;
};

class HttpConnection final : public Connection,
                             public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(ConnectionHost& host, UniqueFd socket, ssl_ctx_st* tls, KnownPeer peer)
      : host_(host),
        stream_(std::move(socket), tls, Stream::Role::kServer),
        ready_(host.loop.context(), stream_.fd()),
        peer_(std::move(peer)),
        phase_(tls ? Phase::kFirstByte : Phase::kReading) {
    ExpectBy(tls ? kHandshakeTimeout : host_.options.header_timeout);
  }
  ~HttpConnection() override {
    Hold(0);
    if (ready_.is_open()) ready_.release();  // the stream owns the descriptor
  }

  void Work() override;
  void OnDeadline() override;
  Deadline deadline() const override { return deadline_; }
  void OnReply(Response response);

 private:
  enum class Phase : unsigned char {
    kFirstByte,  ///< TLS, or a client that speaks plain HTTP to us?
    kHandshake,
    kReading,  ///< between requests, or in one
    kHandling,
    kWriting,
    kDraining,  ///< the last answer is out; closing at once could take it back (RFC 9112, 9.6)
  };
  enum class Next : unsigned char { kGoOn, kAwaitRead, kAwaitWrite, kAwaitReply, kYield, kClose };

  Next Step();
  Next ReadFirstByte();
  Next Handshake();
  Next Read();
  Next Parse();
  Next Handle();
  Next Refuse(const Refusal& refusal);
  Next Write();
  Next StartDraining();
  Next Drain();
  Next Wait(Io io) const;
  void AwaitReady(Descriptor::wait_type what);
  void Close();

  void Answer(Response response);
  void Hold(std::size_t bytes);
  void ExpectBy(milliseconds from_now);
  void OnIdle();

  ConnectionHost& host_;
  Stream stream_;
  Descriptor ready_;
  KnownPeer peer_;
  Deadline deadline_;
  Phase phase_;
  bool working_ = false;
  bool closed_ = false;
  bool in_request_ = false;  ///< its deadline is set
  int served_in_a_row_ = 0;
  unsigned wait_ = 0;  ///< number of the newest AwaitReady; older ones mean nothing
  std::size_t held_bytes_ = 0;

  std::string input_;  ///< received and not yet taken by the parser
  std::unique_ptr<RequestParser> parser_;

  // Of the request that is being answered:
  std::string request_id_;
  bool accepts_gzip_ = false;
  bool is_head_ = false;
  After after_ = After::kClose;

  ResponseWriter writer_;
  std::size_t drained_ = 0;
};

void ReplyOnce::Give(Response response) {
  const auto connection = std::exchange(connection_, {}).lock();
  if (connection) connection->OnReply(std::move(response));
}

void HttpConnection::Work() {
  if (working_ || closed_) return;
  working_ = true;
  served_in_a_row_ = 0;
  const auto self = shared_from_this();
  Next next = Next::kGoOn;
  while (next == Next::kGoOn) next = Step();
  working_ = false;
  switch (next) {
    case Next::kAwaitRead:
      return AwaitReady(Descriptor::wait_read);
    case Next::kAwaitWrite:
      return AwaitReady(Descriptor::wait_write);
    case Next::kYield:
      return host_.loop.Post([weak = weak_from_this()] {
        if (const auto connection = weak.lock()) connection->Work();
      });
    case Next::kClose:
      return Close();
    case Next::kGoOn:
    case Next::kAwaitReply:
      return;
  }
}

HttpConnection::Next HttpConnection::Step() {
  switch (phase_) {
    case Phase::kFirstByte:
      return ReadFirstByte();
    case Phase::kHandshake:
      return Handshake();
    case Phase::kReading:
      return Read();
    case Phase::kHandling:
      return Next::kAwaitReply;
    case Phase::kWriting:
      return Write();
    case Phase::kDraining:
      return Drain();
  }
  return Next::kClose;
}

HttpConnection::Next HttpConnection::Wait(Io io) const {
  switch (io) {
    case Io::kWantRead:
      return Next::kAwaitRead;
    case Io::kWantWrite:
      return Next::kAwaitWrite;
    case Io::kDone:
      return Next::kGoOn;
    case Io::kClosed:
      return Next::kClose;
  }
  return Next::kClose;
}

void HttpConnection::AwaitReady(Descriptor::wait_type what) {
  ready_.async_wait(what, [weak = weak_from_this(), wait = ++wait_](const auto& error) {
    const auto self = weak.lock();
    if (!error && self && self->wait_ == wait) self->Work();
  });
}

void HttpConnection::Close() {
  if (std::exchange(closed_, true)) return;
  ready_.release();
  if (phase_ != Phase::kDraining) stream_.Shutdown();
  host_.on_closed(*this);
}

void HttpConnection::ExpectBy(milliseconds from_now) {
  deadline_ = steady_clock::now() + from_now;
  host_.expect_by(deadline_);
}

void HttpConnection::OnDeadline() {
  const bool unfinished_request = phase_ == Phase::kReading && in_request_;
  if (!unfinished_request) return Close();
  ++wait_;
  ready_.cancel();
  Refuse({408, "the request did not arrive in time"});
  Work();
}

void HttpConnection::Hold(std::size_t bytes) {
  host_.held_bytes += bytes - held_bytes_;
  held_bytes_ = bytes;
}

HttpConnection::Next HttpConnection::ReadFirstByte() {
  char first = 0;
  const auto got = ::recv(stream_.fd(), &first, 1, MSG_PEEK | MSG_DONTWAIT);
  if (got < 0) return errno == EAGAIN || errno == EINTR ? Next::kAwaitRead : Next::kClose;
  if (got == 0) return Next::kClose;
  if (first < 'A' || first > 'Z') {  // a TLS record of a handshake begins with 0x16
    phase_ = Phase::kHandshake;
    return Next::kGoOn;
  }
  (void)::send(stream_.fd(), kPlainOnTls.data(), kPlainOnTls.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return StartDraining();
}

HttpConnection::Next HttpConnection::Handshake() {
  const Io io = stream_.Handshake();
  if (io != Io::kDone) return Wait(io);
  peer_.peer.client_certificate = HasVerifiedCertificate(*stream_.tls());
  phase_ = Phase::kReading;
  ExpectBy(host_.options.header_timeout);
  return Next::kGoOn;
}

HttpConnection::Next HttpConnection::Read() {
  if (!parser_ && !input_.empty()) return Parse();  // came behind the last request
  std::size_t got = 0;
  const Io io = stream_.Read(host_.scratch, got);
  if (io != Io::kDone) return Wait(io);
  input_.append(host_.scratch.data(), got);
  return Parse();
}

HttpConnection::Next HttpConnection::Parse() {
  const HttpOptions& options = host_.options;
  if (!parser_) {
    parser_ = std::make_unique<RequestParser>(options.most_header_bytes, options.most_body_bytes);
  }
  input_.erase(0, parser_->Feed(input_));
  if (parser_->refusal()) return Refuse(*parser_->refusal());
  if (parser_->done()) return Handle();

  if (!std::exchange(in_request_, true)) ExpectBy(options.header_timeout);
  Hold(parser_->body_bytes());
  if (held_bytes_ > kSmallBody && host_.held_bytes > kMostHeldBytes) {
    return Refuse({503, "too many large requests at once; try again later"});
  }
  if (parser_->TakeExpectsContinue()) {
    std::size_t put = 0;
    if (stream_.Write(kContinue, put) != Io::kDone || put != kContinue.size()) return Next::kClose;
  }
  return Next::kGoOn;
}

HttpConnection::Next HttpConnection::Handle() {
  auto parsed = parser_->Take();
  parser_.reset();
  in_request_ = false;
  Request& request = parsed.request;
  request_id_ = RequestId(request.Header("x-request-id"));
  accepts_gzip_ = request.Header("accept-encoding").find("gzip") != std::string_view::npos;
  is_head_ = request.method == "HEAD";
  after_ = !parsed.keep_alive ? After::kClose
           : parsed.http_1_0  ? After::kKeepAliveHttp10
                              : After::kKeepAlive;

  auto target = ParseTarget(parsed.target);
  if (!target) {
    Answer(ErrorResponse(400, target.error().what));
    return Next::kGoOn;
  }
  request.path = std::move(target->path);
  request.query = std::move(target->query);
  request.peer = peer_.peer;
  request.owner_unchanged = peer_.unchanged;

  phase_ = Phase::kHandling;
  deadline_ = Deadline::max();  // the handler's own matter
  const auto once = std::make_shared<ReplyOnce>(weak_from_this());
  try {
    host_.handler(std::move(request),
                  [once](Response response) { once->Give(std::move(response)); });
  } catch (const std::exception& error) {  // a bug; the daemon stays up
    once->Give(ErrorResponse(500, std::string("this is a bug in gpud: ") + error.what()));
  }
  return Next::kGoOn;
}

void HttpConnection::OnReply(Response response) {
  if (closed_ || phase_ != Phase::kHandling) return;
  Answer(std::move(response));
  Work();
}

HttpConnection::Next HttpConnection::Refuse(const Refusal& refusal) {
  Response response = ErrorResponse(refusal.status, refusal.message);
  parser_.reset();  // its refusal may be this one: not to be used from here on
  in_request_ = false;
  request_id_ = RequestId({});
  accepts_gzip_ = is_head_ = false;
  after_ = After::kClose;
  Answer(std::move(response));
  return Next::kGoOn;
}

void HttpConnection::Answer(Response response) {
  if (response.may_compress && accepts_gzip_) Compress(response);
  if (response.status == 204 || response.status == 304) response.body.clear();
  Hold(response.body.size());
  if (held_bytes_ > kSmallBody && host_.held_bytes > kMostHeldBytes) {
    after_ = After::kClose;
    response = ErrorResponse(503, "too many large answers at once; try again later");
    Hold(0);
  }
  std::string head = ResponseHead(response, request_id_, after_);
  writer_.Start(std::move(head), is_head_ ? std::string() : std::move(response.body));
  phase_ = Phase::kWriting;
  deadline_ = Deadline::max();  // until the client keeps us waiting
}

HttpConnection::Next HttpConnection::Write() {
  if (const Io io = writer_.WriteTo(stream_); io != Io::kDone) {
    if (deadline_ == Deadline::max()) ExpectBy(host_.options.write_timeout);
    return Wait(io);
  }
  if (after_ == After::kClose) return StartDraining();
  phase_ = Phase::kReading;
  OnIdle();
  if (++served_in_a_row_ >= kMostInARow) return Next::kYield;
  return input_.empty() && !stream_.HasPending() ? Next::kAwaitRead : Next::kGoOn;
}

/// Between requests a connection keeps no more than it must.
void HttpConnection::OnIdle() {
  request_id_ = {};
  if (input_.empty()) input_ = {};
  Hold(0);
  ExpectBy(host_.options.idle_timeout);
}

HttpConnection::Next HttpConnection::StartDraining() {
  phase_ = Phase::kDraining;
  stream_.Shutdown();
  ExpectBy(kDrainTimeout);
  return Next::kGoOn;
}

HttpConnection::Next HttpConnection::Drain() {
  for (;;) {
    const auto got = ::recv(stream_.fd(), host_.scratch.data(), host_.scratch.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return Next::kAwaitRead;
    drained_ += std::size_t(std::max<ssize_t>(got, 0));
    if (got <= 0 || drained_ > kMostDrainedBytes) return Next::kClose;
  }
}

}  // namespace

std::shared_ptr<Connection> MakeConnection(ConnectionHost& host, UniqueFd socket, ssl_ctx_st* tls,
                                           KnownPeer peer) {
  return std::make_shared<HttpConnection>(host, std::move(socket), tls, std::move(peer));
}

}  // namespace gpud::server
