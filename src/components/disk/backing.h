// SPDX-License-Identifier: Apache-2.0
// Which block devices carry the file systems that matter here.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sources/procfs/mountinfo.h"
#include "sources/sysfs/block.h"

namespace gpud::disk {

/// The devices below the local file systems that are mounted, down to the disks: a fault of one of
/// them is a fault of the machine, one of an unused stick or a removable disk is not.
class Backing {
 public:
  /// `devices` may be null (the tree could not be read): then only names can be compared.
  Backing(const std::vector<procfs::Mount>& mounts, const sysfs::BlockDevices* devices);

  /// True for a device ("sda", "sda1", "dm-0", "md0") that carries a tracked mount, and for an NVMe
  /// controller ("nvme1") whose disk does. Without the tree: true also for names never heard of.
  bool Carries(std::string_view device) const;

 private:
  void AddWithParents(const sysfs::BlockDevices& devices, const std::string& name, int depth);

  std::set<std::string, std::less<>> names_;
  bool has_tree_;
};

}  // namespace gpud::disk
