// SPDX-License-Identifier: Apache-2.0
// From settings to what the daemon and the client are told: the places of files resolved, the
// original's settings kept for GET /admin/config.
#pragma once

#include "cli/settings.h"
#include "daemon/options.h"

namespace gpud::cli {

/// Who runs this, as far as places depend on it.
struct User {
  bool root = false;
  std::string home;
};
User ThisUser(const Environment& environment);

/// The data directory: --data-dir, else /var/lib/gpud for root where /var/lib exists, else ~/.gpud.
std::string DataDirectory(const Settings& settings, const User& user);
/// The socket: --socket, else /run/gpud/gpud.sock for root without a data directory of its own,
/// else DATA/gpud.sock.
std::string SocketPath(const Settings& settings, const User& user);
std::string ApiTokenFile(const Settings& settings, const User& user);

/// Nothing is created here. `settings` have no problems.
daemon::Options DaemonOptions(const Settings& settings, const Environment& environment);

}  // namespace gpud::cli
