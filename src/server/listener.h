// SPDX-License-Identifier: Apache-2.0
// Listener: sockets that wait for connections, from addresses as a person writes them.
#pragma once

#include <string>
#include <vector>

#include "platform/result.h"
#include "platform/unique_fd.h"

namespace gpud::server {

struct TcpListener {
  UniqueFd fd;
  std::string address;  ///< "127.0.0.1:15132", "[::1]:15132", with the bound port
  unsigned short port = 0;
};

/// `address` is HOST:PORT, [IPv6]:PORT or :PORT (every address, IPv4 and IPv6); port 0 = any. A
/// name is listened on at all of its addresses that this machine has. Waits for the resolver.
/// Errors: kParse; kIo, kPermission with what to do.
Result<std::vector<TcpListener>> ListenTcp(const std::string& address);

/// Makes the folder (0755) when it is missing, and takes the place of a socket on which nobody
/// answers. Mode 0666: access is decided by the peer's credentials. Errors: kIo, kPermission,
/// kParse.
Result<UniqueFd> ListenUnix(const std::string& path);

}  // namespace gpud::server
