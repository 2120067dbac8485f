// SPDX-License-Identifier: Apache-2.0
// Which processes hold a GPU open, told by the kernel: no driver is asked, no GPU wakes.
#pragma once

#include <cstdint>
#include <optional>

#include "platform/root.h"

namespace gpud::nvml {

class Holders {
 public:
  struct Found {
    bool process = false;  ///< one that uses a GPU: it has /dev/nvidiaN open
    bool daemon = false;   ///< nvidia-persistenced, which only keeps GPUs awake
  };
  /// Of all processes but this one. The descriptors of all processes are looked through only when
  /// the use count of the kernel's module has changed since the last look.
  Found Look(const Root& root);

 private:
  std::optional<std::uint64_t> uses_;
  Found found_;
};

}  // namespace gpud::nvml
