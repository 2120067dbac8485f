// SPDX-License-Identifier: Apache-2.0
// /sys/class/block/mdN/md and dm-N/dm: software arrays and volumes, as they are now. In the mounts
// lane, as an array that is being stopped can let the question hang.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sources/source.h"

namespace gpud::sysfs {

struct RaidArray {
  std::string name, level;     ///< "md0", "raid1"
  std::string state;           ///< "clean", "active", "inactive", "broken" ...
  std::uint32_t disks = 0;     ///< that it should have
  std::uint32_t degraded = 0;  ///< that it lacks
  std::string sync_action;     ///< "idle", "resync", "recover", "check", "reshape"; may be empty
  std::optional<double> sync_ratio;  ///< 0..1, while it syncs

  static constexpr auto Fields() {
    using R = RaidArray;
    return std::tuple{Field{"name", &R::name},
                      Field{"level", &R::level},
                      Field{"state", &R::state},
                      Field{"disks", &R::disks},
                      Field{"degraded", &R::degraded},
                      Field{"sync_action", &R::sync_action},
                      Field{"sync_ratio", &R::sync_ratio}};
  }
};

/// A volume of the device mapper (LVM, encryption, multipath).
struct MappedVolume {
  std::string device, name;  ///< "dm-3", "vg-root"
  bool suspended = false;    ///< it takes no request until it is resumed

  static constexpr auto Fields() {
    using V = MappedVolume;
    return std::tuple{Field{"device", &V::device}, Field{"name", &V::name},
                      Field{"suspended", &V::suspended}};
  }
};

struct Arrays {
  std::vector<RaidArray> raids;
  std::vector<MappedVolume> volumes;

  static constexpr auto Fields() {
    return std::tuple{Field{"raids", &Arrays::raids}, Field{"volumes", &Arrays::volumes}};
  }
};

/// "1234 / 5678" as a share; nothing for "none", "delayed" and the like.
std::optional<double> ParseSyncCompleted(std::string_view text);

/// Error in place of the snapshot: kUnsupported where there is neither.
/// Source: Documentation/admin-guide/md.rst; Documentation/ABI/testing/sysfs-block-dm.
extern const SourceType kArrays;

}  // namespace gpud::sysfs
