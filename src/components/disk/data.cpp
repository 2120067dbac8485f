// SPDX-License-Identifier: Apache-2.0
#include "components/disk/data.h"

#include <algorithm>

namespace gpud::disk {
namespace {

Partition DescribeMount(const procfs::Mount& mount, const host::MountUsages* usages) {
  Partition partition{
      .device = mount.source, .fstype = mount.fs_type, .mount_point = mount.mount_point};
  if (!usages) return partition;
  const auto usage = std::find_if(
      usages->mounts.begin(), usages->mounts.end(),
      [&](const host::MountUsage& u) { return u.mount.mount_point == mount.mount_point; });
  if (usage == usages->mounts.end()) return partition;
  if (usage->space) {
    const host::Space& space = *usage->space;
    partition.usage = PartitionUsage{
        .total_bytes = space.total_bytes,
        .free_bytes = space.available_bytes,
        .used_bytes = space.total_bytes - std::min(space.total_bytes, space.free_bytes)};
  } else {
    partition.stat_timed_out = usage->space.error().code == ErrorCode::kTimeout;
  }
  return partition;
}

Device DescribeDevice(const sysfs::BlockDevice& device, const std::vector<procfs::Mount>& mounts) {
  Device described{.name = device.path,
                   .type = device.type,
                   .size = device.size_bytes,
                   .rota = device.rotational,
                   .serial = device.serial,
                   .wwn = device.wwid,
                   .vendor = device.vendor,
                   .model = device.model,
                   .rev = device.revision};
  for (const procfs::Mount& mount : mounts) {
    if (mount.device != device.device && mount.source != device.path) continue;
    described.mountpoint = mount.mount_point;
    described.fstype = mount.fs_type;
    break;
  }
  for (const std::string& name : device.parents) described.parents.push_back("/dev/" + name);
  for (const std::string& name : device.children) described.children.push_back("/dev/" + name);
  return described;
}

}  // namespace

Data Describe(const std::vector<procfs::Mount>& mounts, const host::MountUsages* usages,
              const sysfs::BlockDevices* devices) {
  Data data;
  for (const procfs::Mount& mount : mounts) {
    auto& list =
        procfs::IsNetworkFileSystem(mount.fs_type) ? data.nfs_partitions : data.ext_partitions;
    list.push_back(DescribeMount(mount, usages));
  }
  if (!devices) return data;
  for (const sysfs::BlockDevice& device : devices->devices) {
    data.block_devices.push_back(DescribeDevice(device, mounts));
  }
  return data;
}

}  // namespace gpud::disk
