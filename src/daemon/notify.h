// SPDX-License-Identifier: Apache-2.0
// sd_notify(3) without the library: one datagram to NOTIFY_SOCKET.
#pragma once

#include <string>

namespace gpud::daemon {

/// Says "READY=1", "STOPPING=1" ... to the service manager; nothing without NOTIFY_SOCKET.
class ServiceNotifier {
 public:
  /// Takes NOTIFY_SOCKET out of the environment, so that no child inherits it.
  ServiceNotifier();
  void Say(const std::string& state) const;

 private:
  std::string socket_;
};

}  // namespace gpud::daemon
