// SPDX-License-Identifier: Apache-2.0
// /sys/fs/fuse/connections: file systems that a program serves, and what waits for it.
#pragma once

#include <string>
#include <vector>

#include "sources/source.h"

namespace gpud::sysfs {

struct FuseConnection {
  std::uint32_t minor = 0;                 ///< of the mount's device, "0:MINOR"
  std::uint64_t waiting = 0;               ///< requests that the program has not answered
  std::uint64_t congestion_threshold = 0;  ///< background requests by which it is congested
  std::uint64_t max_background = 0;        ///< background requests that it is given at once

  static constexpr auto Fields() {
    using F = FuseConnection;
    return std::tuple{Field{"minor", &F::minor}, Field{"waiting", &F::waiting},
                      Field{"congestion_threshold", &F::congestion_threshold},
                      Field{"max_background", &F::max_background}};
  }
};

struct FuseConnections {
  std::vector<FuseConnection> connections;

  static constexpr auto Fields() {
    return std::tuple{Field{"connections", &FuseConnections::connections}};
  }
};

/// Does not ask the programs, so it cannot hang. Errors in place of the snapshot: kUnsupported
/// where the folder is not there (it is mounted by itself) or empty; kPermission: only root and the
/// mount's owner may read a connection. Source: Documentation/filesystems/fuse.rst.
extern const SourceType kFuse;

}  // namespace gpud::sysfs
