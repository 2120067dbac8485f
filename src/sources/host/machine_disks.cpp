// SPDX-License-Identifier: Apache-2.0
#include "sources/host/machine_disks.h"

#include <algorithm>
#include <utility>

#include "platform/text.h"
#include "sources/host/mount_usage.h"
#include "sources/procfs/mountinfo.h"
#include "sources/sysfs/block.h"

namespace gpud::host {
namespace {

using Mounts = std::vector<procfs::Mount>;

/// The value of "E:KEY=value" in what udev knows of a device; empty where it does not run.
std::string UdevValue(std::string_view text, std::string_view key) {
  for (std::string_view line; NextLine(text, line);) {
    if (line.starts_with("E:") && line.substr(2).starts_with(key) &&
        line.substr(2 + key.size()).starts_with("=")) {
      return ValidUtf8(line.substr(3 + key.size()));
    }
  }
  return {};
}

const procfs::Mount* MountOf(const sysfs::BlockDevice& device, const Mounts& mounts) {
  const auto found = std::find_if(mounts.begin(), mounts.end(), [&](const procfs::Mount& mount) {
    return mount.device == device.device || mount.source == device.path;
  });
  return found == mounts.end() ? nullptr : &*found;
}

std::string Or(std::string first, std::string second) {
  return first.empty() ? std::move(second) : std::move(first);
}

std::int64_t Signed(std::uint64_t bytes) {
  return std::in_range<std::int64_t>(bytes) ? static_cast<std::int64_t>(bytes) : 0;
}

BlockDevice Describe(const Root& root, const sysfs::BlockDevice& device,
                     const sysfs::BlockDevices& all, const procfs::Mount& mount) {
  BlockDevice described{.name = device.path,
                        .type = device.type,
                        .size = Signed(device.size_bytes),
                        .rota = device.rotational,
                        .vendor = device.vendor,
                        .model = device.model,
                        .rev = device.revision,
                        .mount_point = mount.mount_point,
                        .fs_type = mount.fs_type};
  if (const auto space = ReadSpace(root, mount.mount_point)) {
    described.used = Signed(space->total_bytes - std::min(space->total_bytes, space->free_bytes));
  }
  const std::string udev = root.Read("/run/udev/data/b" + device.device).value_or(std::string());
  described.serial = Or(device.serial, UdevValue(udev, "ID_SERIAL_SHORT"));
  described.wwn = Or(device.wwid, UdevValue(udev, "ID_WWN"));
  described.part_uuid = UdevValue(udev, "ID_PART_ENTRY_UUID");
  const auto paths = [&](const std::vector<std::string>& names) {
    std::vector<std::string> list;
    for (const std::string& name : names) {
      const sysfs::BlockDevice* found = all.Find(name);
      list.push_back(found ? found->path : "/dev/" + name);
    }
    return list;
  };
  described.parents = paths(device.parents);
  described.children = paths(device.children);
  return described;
}

/// The device of the file system that holds the kubelet's folder, where there is one.
std::string ContainerRootDisk(const Root& root, const procfs::Mountinfo& mountinfo) {
  constexpr std::string_view kKubelet = "/var/lib/kubelet";
  if (!root.Exists(kKubelet)) return {};
  const procfs::Mount* best = nullptr;
  for (const procfs::Mount& mount : mountinfo.mounts) {
    const std::string& point = mount.mount_point;
    const bool above = point == "/" || kKubelet == point ||
                       (kKubelet.starts_with(point) && kKubelet[point.size()] == '/');
    if (above && (!best || point.size() >= best->mount_point.size())) best = &mount;
  }
  return best ? best->source : std::string();
}

}  // namespace

DiskInfo ReadDisks(const Root& root) {
  DiskInfo info;
  const auto mountinfo = procfs::ReadMountinfo(root);
  if (!mountinfo) return info;
  const Mounts mounts = procfs::RealMounts(*mountinfo);
  if (const auto all = sysfs::ReadBlockDevices(root)) {
    for (const sysfs::BlockDevice& device : all->devices) {
      const procfs::Mount* mount = MountOf(device, mounts);
      if (mount) info.block_devices.push_back(Describe(root, device, *all, *mount));
    }
  }
  std::sort(info.block_devices.begin(), info.block_devices.end(),
            [](const BlockDevice& a, const BlockDevice& b) { return a.name < b.name; });
  for (const procfs::Mount& mount : mounts) {
    if (!procfs::IsNetworkFileSystem(mount.fs_type)) continue;
    info.block_devices.push_back({.name = mount.source,
                                  .type = mount.fs_type.starts_with("nfs") ? "nfs" : mount.fs_type,
                                  .mount_point = mount.mount_point,
                                  .fs_type = mount.fs_type});
  }
  info.container_root_disk = ContainerRootDisk(root, *mountinfo);
  return info;
}

}  // namespace gpud::host
