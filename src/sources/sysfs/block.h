// SPDX-License-Identifier: Apache-2.0
// /sys/class/block: disks, partitions, volumes and arrays, and what rests on what.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sources/source.h"

namespace gpud::sysfs {

struct BlockDevice {
  std::string name;    ///< the kernel's: "nvme0n1p1", "dm-0"
  std::string path;    ///< for a person: "/dev/nvme0n1p1", "/dev/mapper/vg-root"
  std::string type;    ///< "disk", "part", "lvm", "crypt", "mpath", "dm", "raid1", "loop", "rom"
  std::string device;  ///< "259:1"
  std::uint64_t size_bytes = 0;
  bool rotational = false;
  bool removable = false;                             ///< a stick, a card or anything on USB
  std::string model, vendor, serial, revision, wwid;  ///< empty where not told
  std::vector<std::string> parents;   ///< names of what it is a part of or rests on, sorted
  std::vector<std::string> children;  ///< the other way round

  static constexpr auto Fields() {
    using B = BlockDevice;
    return std::tuple{Field{"name", &B::name},
                      Field{"path", &B::path},
                      Field{"type", &B::type},
                      Field{"device", &B::device},
                      Field{"size_bytes", &B::size_bytes},
                      Field{"rotational", &B::rotational},
                      Field{"removable", &B::removable},
                      Field{"model", &B::model},
                      Field{"vendor", &B::vendor},
                      Field{"serial", &B::serial},
                      Field{"revision", &B::revision},
                      Field{"wwid", &B::wwid},
                      Field{"parents", &B::parents},
                      Field{"children", &B::children}};
  }
};

struct BlockDevices {
  std::vector<BlockDevice> devices;  ///< sorted by name; without those of size zero

  const BlockDevice* Find(std::string_view name) const;
  static constexpr auto Fields() { return std::tuple{Field{"devices", &BlockDevices::devices}}; }
};

/// Errors: as Root::List of the folder; kUnsupported when there is no block device at all.
/// Source: Documentation/ABI/stable/sysfs-block.
Result<BlockDevices> ReadBlockDevices(const Root& root);

extern const SourceType kBlock;

}  // namespace gpud::sysfs
