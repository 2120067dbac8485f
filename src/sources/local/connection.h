// SPDX-License-Identifier: Apache-2.0
// Connections to daemons, made and waited for no longer than until a given time.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <string>

#include "platform/root.h"

namespace gpud::local {

using Time = std::chrono::steady_clock::time_point;

/// Connects to a socket in the root, without blocking from then on. Errors: kNotFound, there is no
/// such socket, or nobody listens; kPermission; kTimeout, it accepts no connections; kIo.
Result<UniqueFd> ConnectUnix(const Root& root, const std::string& path);

/// The same by TCP. Errors: kNotFound, nobody listens; kTimeout; kIo. `what`: for a person.
Result<UniqueFd> ConnectTcp(const sockaddr& address, socklen_t size, const std::string& what,
                            Time until);

/// Until one of poll(2)'s events. Errors: kTimeout, kIo.
Result<void> Wait(int fd, short events, Time until);

}  // namespace gpud::local
