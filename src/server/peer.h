// SPDX-License-Identifier: Apache-2.0
// Who is at the other end of an accepted connection, as the kernel says.
#pragma once

#include <functional>
#include <memory>

#include "server/http.h"

namespace gpud::server {

/// Asks the kernel for the owners of TCP sockets (sock_diag(7), "IPv4 and IPv6 sockets").
class SocketOwners;

struct KnownPeer {
  Peer peer;
  std::function<bool()> unchanged;  ///< Request::owner_unchanged; always false without a known uid
};

std::shared_ptr<const SocketOwners> OpenSocketOwners();

/// Call it right after accept, before any byte is read. A peer about whom the kernel does not
/// answer has no uid: with SO_PEERCRED (unix(7)), or sock_diag when both addresses are loopback.
KnownPeer IdentifyPeer(int fd, const std::shared_ptr<const SocketOwners>& owners);

}  // namespace gpud::server
