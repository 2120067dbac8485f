// SPDX-License-Identifier: Apache-2.0
// The JSON of the disk component's extra_info "data"; member names are the original's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "components/disk/device_health.h"
#include "sources/host/mount_usage.h"
#include "sources/sysfs/block.h"

namespace gpud::disk {

struct PartitionUsage {
  std::uint64_t total_bytes = 0, free_bytes = 0, used_bytes = 0;
  static constexpr auto Fields() {
    using U = PartitionUsage;
    return std::tuple{Field{"total_bytes", &U::total_bytes}, Field{"free_bytes", &U::free_bytes},
                      Field{"used_bytes", &U::used_bytes}};
  }
};
struct Partition {
  std::string device, fstype, mount_point;
  bool mounted = true, stat_timed_out = false;
  std::optional<PartitionUsage> usage;
  static constexpr auto Fields() {
    using P = Partition;
    return std::tuple{Field{"device", &P::device},
                      Field{"fstype", &P::fstype},
                      Field{"mount_point", &P::mount_point},
                      Field{"mounted", &P::mounted},
                      Field{"stat_timed_out", &P::stat_timed_out},
                      Field{"usage", &P::usage, When::kNonEmpty}};
  }
};
struct Device {
  std::string name, type;
  std::uint64_t size = 0;
  bool rota = false;
  std::string serial, wwn, vendor, model, rev, mountpoint, fstype;
  std::vector<std::string> parents, children;
  static constexpr auto Fields() {
    using D = Device;
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"name", &D::name},
                      Field{"type", &D::type},
                      Field{"size", &D::size},
                      Field{"rota", &D::rota},
                      Field{"serial", &D::serial, kOmit},
                      Field{"wwn", &D::wwn, kOmit},
                      Field{"vendor", &D::vendor, kOmit},
                      Field{"model", &D::model, kOmit},
                      Field{"rev", &D::rev, kOmit},
                      Field{"mountpoint", &D::mountpoint, kOmit},
                      Field{"fstype", &D::fstype, kOmit},
                      Field{"parents", &D::parents, kOmit},
                      Field{"children", &D::children, kOmit}};
  }
};
struct Data {
  std::vector<Partition> ext_partitions, nfs_partitions;  ///< all local ones; all remote ones
  std::vector<Device> block_devices;
  NvmeData nvme;
  std::vector<ArrayData> arrays;
  std::string pressure;  ///< why it is not measured here
  static constexpr auto Fields() {
    using D = Data;
    return std::tuple{Field{"ext_partitions", &D::ext_partitions, When::kNonEmpty},
                      Field{"nfs_partitions", &D::nfs_partitions, When::kNonEmpty},
                      Field{"block_devices", &D::block_devices, When::kNonEmpty},
                      Field{"nvme", &D::nvme},
                      Field{"arrays", &D::arrays, When::kNonEmpty},
                      Field{"pressure", &D::pressure, When::kNonEmpty}};
  }
};

/// `usages` and `devices` may be null.
Data Describe(const std::vector<procfs::Mount>& mounts, const host::MountUsages* usages,
              const sysfs::BlockDevices* devices);

}  // namespace gpud::disk
