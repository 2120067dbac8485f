// SPDX-License-Identifier: Apache-2.0
// /dev/shm: how much programs may share and how much of it is in use. A job that wants more is
// killed with SIGBUS.
#pragma once

#include "sources/source.h"

namespace gpud::host {

struct SharedMemory {
  std::uint64_t size_bytes = 0, used_bytes = 0;

  static constexpr auto Fields() {
    return std::tuple{Field{"size_bytes", &SharedMemory::size_bytes},
                      Field{"used_bytes", &SharedMemory::used_bytes}};
  }
};

/// The machine's own; a container has another one. Never hangs, as it is in memory. Errors in place
/// of the snapshot: as Root::Open; kUnsupported where it is no file system in memory.
extern const SourceType kSharedMemory;

}  // namespace gpud::host
