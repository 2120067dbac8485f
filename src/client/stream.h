// SPDX-License-Identifier: Apache-2.0
// Stream: bytes over a socket, plain or TLS, that never block. The client and the server use it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "platform/unique_fd.h"

struct ssl_st;
struct ssl_ctx_st;

namespace gpud::client {

/// What came of one call: done, to be tried again when the socket is readable or writable, or the
/// stream has ended (by the peer or by an error).
enum class Io : unsigned char { kDone, kWantRead, kWantWrite, kClosed };

/// Sends without SIGPIPE, which OpenSSL's own socket BIO does not.
class Stream {
 public:
  enum class Role : unsigned char { kServer, kClient };

  /// `tls` null = plain. Takes a reference to it.
  Stream(UniqueFd socket, ssl_ctx_st* tls, Role role);

  /// At once done when the stream is plain.
  Io Handshake();
  /// At least one byte when done; their number in `got`.
  Io Read(std::span<char> into, std::size_t& got);
  /// At least one byte when done; their number in `put`. After kWant*, the same bytes must follow.
  Io Write(std::string_view from, std::size_t& put);
  /// True when Read would give something without the socket.
  bool HasPending() const;
  /// Says goodbye: nothing will be written any more. What the peer sends can still be received.
  void Shutdown();

  int fd() const { return socket_.get(); }
  ssl_st* tls() const { return tls_.get(); }  ///< null when plain

 private:
  struct FreeTls {
    void operator()(ssl_st* tls) const;
  };
  Io Outcome(int returned);

  UniqueFd socket_;
  std::unique_ptr<ssl_st, FreeTls> tls_;
};

/// The newest error of OpenSSL in this thread, for a person; empty when there is none.
std::string TlsErrorText();

}  // namespace gpud::client
