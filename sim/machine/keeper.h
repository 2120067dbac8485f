// SPDX-License-Identifier: Apache-2.0
// The keeper: a process that keeps the files of a simulated machine up to date for as long as the
// process lives that it was started for.
#pragma once

#include <string>

namespace gpud::sim_machine {

/// Folders in what a keeper makes: the machine's root, and room for the data of who watches it.
inline constexpr std::string_view kRootFolder = "/machine";
inline constexpr std::string_view kDataFolder = "/data";
/// What a keeper says when the machine is there: this and the path of the folder, or why there is
/// none; one line.
inline constexpr std::string_view kReady = "ready ";

struct KeeperOptions {
  std::string below;     ///< where it makes a folder of its own, which it removes at its end
  std::string scenario;  ///< name or path
  std::string node;      ///< "": the first
  double start_unix = 0;
  double speed = 1;
};

/// Tells on descriptor 1 when it is ready; ends, and takes its folder away, when descriptor 0 does.
/// Returns the exit code.
int Keep(const KeeperOptions& options);

}  // namespace gpud::sim_machine
