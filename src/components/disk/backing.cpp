// SPDX-License-Identifier: Apache-2.0
#include "components/disk/backing.h"

#include <algorithm>

namespace gpud::disk {
namespace {

constexpr int kDeepest = 20;  // of a tree of volumes on arrays on partitions on disks

/// True when `name` is the device, or a part of it by the kernel's way of naming: "sda" and "sda1",
/// "nvme0n1" and "nvme0n1p2", "nvme0" and "nvme0n1".
bool IsPartOf(std::string_view name, std::string_view device) {
  if (device.empty() || !name.starts_with(device)) return false;
  std::string_view rest = name.substr(device.size());
  if (rest.empty()) return true;
  const bool ends_in_digit = device.back() >= '0' && device.back() <= '9';
  if (ends_in_digit) {  // only behind a letter does a further number belong to the same device
    if (rest.front() != 'p' && rest.front() != 'n') return false;
    rest.remove_prefix(1);
  }
  return !rest.empty() && rest.front() >= '0' && rest.front() <= '9';
}

bool OnRemovable(const sysfs::BlockDevices& devices, const sysfs::BlockDevice& device, int depth) {
  return device.removable ||
         (depth < kDeepest &&
          std::any_of(device.parents.begin(), device.parents.end(), [&](const auto& parent) {
            const sysfs::BlockDevice* found = devices.Find(parent);
            return found && OnRemovable(devices, *found, depth + 1);
          }));
}

const sysfs::BlockDevice* DeviceOf(const procfs::Mount& mount, const sysfs::BlockDevices& devices) {
  for (const sysfs::BlockDevice& device : devices.devices) {
    // By number, as /dev/root and /dev/mapper/x are no names of the kernel's; btrfs has no number.
    if (device.device == mount.device || device.path == mount.source) return &device;
  }
  return nullptr;
}

}  // namespace

Backing::Backing(const std::vector<procfs::Mount>& mounts, const sysfs::BlockDevices* devices)
    : has_tree_(devices != nullptr) {
  for (const procfs::Mount& mount : mounts) {
    if (procfs::IsNetworkFileSystem(mount.fs_type)) continue;
    const sysfs::BlockDevice* device = devices ? DeviceOf(mount, *devices) : nullptr;
    if (device && OnRemovable(*devices, *device, 0)) continue;
    // By the mount's own words too: a disk that has failed may be gone from the tree.
    if (mount.source.starts_with("/dev/") && mount.source.rfind('/') == 4) {
      names_.insert(mount.source.substr(5));
    }
    if (device) AddWithParents(*devices, device->name, 0);
  }
}

void Backing::AddWithParents(const sysfs::BlockDevices& devices, const std::string& name,
                             int depth) {
  if (depth > kDeepest) return;
  names_.insert(name);
  const sysfs::BlockDevice* device = devices.Find(name);
  if (!device) return;
  for (const std::string& parent : device->parents) AddWithParents(devices, parent, depth + 1);
}

bool Backing::Carries(std::string_view device) const {
  if (!has_tree_) return true;
  return std::any_of(names_.begin(), names_.end(),
                     [&](const std::string& name) { return IsPartOf(name, device); });
}

}  // namespace gpud::disk
