// SPDX-License-Identifier: Apache-2.0
// Connection: one client, from accept to close: handshake, requests, answers, deadlines.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include "platform/loop.h"
#include "platform/unique_fd.h"
#include "server/http.h"
#include "server/peer.h"

struct ssl_ctx_st;

namespace gpud::server {

class Connection;

using Deadline = std::chrono::steady_clock::time_point;

/// What the connections of a server share. Outlives them.
struct ConnectionHost {
  Loop& loop;
  const HttpOptions& options;
  Handler handler;
  std::function<void(Deadline)> expect_by;     ///< a connection has this deadline now
  std::function<void(Connection&)> on_closed;  ///< forgets the connection
  std::array<char, 16 << 10> scratch{};        ///< a TLS record; read into by one at a time
  std::size_t held_bytes = 0;                  ///< bodies of all connections, in and out
};

class Connection {
 public:
  virtual ~Connection() = default;
  /// Does what can be done now.
  virtual void Work() = 0;
  /// To be called when `deadline` has passed.
  virtual void OnDeadline() = 0;
  virtual Deadline deadline() const = 0;
};

/// `tls` null = plain HTTP. Call Work() when the host knows it.
std::shared_ptr<Connection> MakeConnection(ConnectionHost& host, UniqueFd socket, ssl_ctx_st* tls,
                                           KnownPeer peer);

}  // namespace gpud::server
