// SPDX-License-Identifier: Apache-2.0
#include "client/stream.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdint>

namespace gpud::client {
namespace {

bool IsRetry(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

int BioFd(BIO* bio) { return int(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

int BioRead(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  const auto got = ::recv(BioFd(bio), into, std::size_t(size), MSG_DONTWAIT);
  if (got < 0 && IsRetry(errno)) BIO_set_retry_read(bio);
  return int(got);
}

int BioWrite(BIO* bio, const char* from, int size) {
  BIO_clear_retry_flags(bio);
  const auto put = ::send(BioFd(bio), from, std::size_t(size), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (put < 0 && IsRetry(errno)) BIO_set_retry_write(bio);
  return int(put);
}

long BioControl(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

const BIO_METHOD* SocketMethod() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    BIO_meth_set_read(made, BioRead);
    BIO_meth_set_write(made, BioWrite);
    BIO_meth_set_ctrl(made, BioControl);
    return made;
  }();
  return method;
}

}  // namespace

void Stream::FreeTls::operator()(ssl_st* tls) const { SSL_free(tls); }

Stream::Stream(UniqueFd socket, ssl_ctx_st* tls, Role role) : socket_(std::move(socket)) {
  if (!tls) return;
  tls_.reset(SSL_new(tls));
  BIO* const bio = BIO_new(SocketMethod());
  BIO_set_data(bio, reinterpret_cast<void*>(std::intptr_t(socket_.get())));
  BIO_set_init(bio, 1);
  SSL_set_bio(tls_.get(), bio, bio);
  if (role == Role::kServer) {
    SSL_set_accept_state(tls_.get());
  } else {
    SSL_set_connect_state(tls_.get());
  }
}

Io Stream::Outcome(int returned) {
  switch (SSL_get_error(tls_.get(), returned)) {
    case SSL_ERROR_NONE:
      return Io::kDone;
    case SSL_ERROR_WANT_READ:
      return Io::kWantRead;
    case SSL_ERROR_WANT_WRITE:
      return Io::kWantWrite;
    default:
      return Io::kClosed;
  }
}

Io Stream::Handshake() {
  if (!tls_) return Io::kDone;
  ERR_clear_error();
  return Outcome(SSL_do_handshake(tls_.get()));
}

Io Stream::Read(std::span<char> into, std::size_t& got) {
  got = 0;
  if (tls_) {
    ERR_clear_error();
    return Outcome(SSL_read_ex(tls_.get(), into.data(), into.size(), &got));
  }
  const auto received = ::recv(fd(), into.data(), into.size(), MSG_DONTWAIT);
  if (received < 0) return IsRetry(errno) ? Io::kWantRead : Io::kClosed;
  got = std::size_t(received);
  return got > 0 ? Io::kDone : Io::kClosed;
}

Io Stream::Write(std::string_view from, std::size_t& put) {
  put = 0;
  if (tls_) {
    ERR_clear_error();
    return Outcome(SSL_write_ex(tls_.get(), from.data(), from.size(), &put));
  }
  const auto sent = ::send(fd(), from.data(), from.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0) return IsRetry(errno) ? Io::kWantWrite : Io::kClosed;
  put = std::size_t(sent);
  return Io::kDone;
}

bool Stream::HasPending() const { return tls_ && SSL_has_pending(tls_.get()) == 1; }

void Stream::Shutdown() {
  if (tls_ && SSL_is_init_finished(tls_.get())) {
    ERR_clear_error();
    SSL_shutdown(tls_.get());
  }
  ::shutdown(fd(), SHUT_WR);
}

std::string TlsErrorText() {
  const unsigned long error = ERR_peek_last_error();
  if (error == 0) return {};
  const char* const reason = ERR_reason_error_string(error);
  return reason ? reason : "TLS error " + std::to_string(error);
}

}  // namespace gpud::client
