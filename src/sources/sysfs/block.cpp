// SPDX-License-Identifier: Apache-2.0
#include "sources/sysfs/block.h"

#include <algorithm>

#include "sources/sysfs/value_file.h"

namespace gpud::sysfs {
namespace {

constexpr std::string_view kFolder = "/sys/class/block/";

/// The first of the files that has something in it.
std::string FirstText(const Root& root, const std::string& folder,
                      std::initializer_list<std::string_view> files) {
  for (const std::string_view file : files) {
    auto text = ReadText(root, folder + std::string(file));
    if (text && !text->empty()) return *std::move(text);
  }
  return {};
}

std::string TypeOf(const Root& root, const std::string& folder, std::string_view name) {
  if (name.starts_with("dm-")) {
    const std::string uuid = FirstText(root, folder, {"/dm/uuid"});
    if (uuid.starts_with("LVM-")) return "lvm";
    if (uuid.starts_with("CRYPT-")) return "crypt";
    if (uuid.starts_with("mpath-")) return "mpath";
    return "dm";
  }
  if (name.starts_with("md")) {
    std::string level = FirstText(root, folder, {"/md/level"});
    return level.empty() ? "md" : level;
  }
  if (name.starts_with("loop")) return "loop";
  if (name.starts_with("sr")) return "rom";
  return "disk";
}

/// A partition's name is its disk's with a number behind it ("sda1", "nvme0n1p1").
std::string DiskOfPartition(const std::vector<std::string>& names, std::string_view partition) {
  std::string disk;
  for (const std::string& name : names) {
    if (name.size() < partition.size() && partition.starts_with(name) &&
        name.size() > disk.size()) {
      disk = name;
    }
  }
  return disk;
}

BlockDevice ReadOne(const Root& root, const std::vector<std::string>& names,
                    const std::string& name, std::uint64_t sectors) {
  constexpr std::uint64_t kSectorBytes = 512;  // of this file, whatever the disk's own are
  const std::string folder = std::string(kFolder) + name;
  BlockDevice device{.name = name,
                     .path = "/dev/" + name,
                     .device = FirstText(root, folder, {"/dev"}),
                     .size_bytes = sectors * kSectorBytes};
  if (root.Exists(folder + "/partition")) {
    device.type = "part";
    if (std::string disk = DiskOfPartition(names, name); !disk.empty()) {
      device.parents.push_back(std::move(disk));
    }
    return device;
  }
  device.type = TypeOf(root, folder, name);
  if (const std::string mapped = FirstText(root, folder, {"/dm/name"}); !mapped.empty()) {
    device.path = "/dev/mapper/" + mapped;
  }
  device.rotational = ReadUnsigned(root, folder + "/queue/rotational").value_or(0) != 0;
  device.removable =
      ReadUnsigned(root, folder + "/removable").value_or(0) != 0 ||
      root.ReadLink(folder).value_or(std::string()).find("/usb") != std::string::npos;
  device.model = FirstText(root, folder, {"/device/model"});
  device.vendor = FirstText(root, folder, {"/device/vendor"});
  device.serial = FirstText(root, folder, {"/device/serial", "/serial"});
  device.revision = FirstText(root, folder, {"/device/firmware_rev", "/device/rev"});
  device.wwid = FirstText(root, folder, {"/wwid", "/device/wwid"});
  device.parents = root.List(folder + "/slaves").value_or(std::vector<std::string>{});
  return device;
}

}  // namespace

const BlockDevice* BlockDevices::Find(std::string_view name) const {
  const auto found = std::find_if(devices.begin(), devices.end(),
                                  [&](const BlockDevice& d) { return d.name == name; });
  return found == devices.end() ? nullptr : &*found;
}

Result<BlockDevices> ReadBlockDevices(const Root& root) {
  const auto names = root.List(kFolder);
  if (!names) return Pass(names, "block devices");
  BlockDevices all;
  for (const std::string& name : *names) {
    const auto sectors = ReadUnsigned(root, std::string(kFolder) + name + "/size");
    // Loop devices without a file and empty card readers are not there for our purposes.
    if (sectors && *sectors > 0) all.devices.push_back(ReadOne(root, *names, name, *sectors));
  }
  if (all.devices.empty()) {
    return Fail(ErrorCode::kUnsupported, std::string(kFolder) + ": no block device");
  }
  for (const BlockDevice& child : all.devices) {
    for (BlockDevice& parent : all.devices) {
      if (std::find(child.parents.begin(), child.parents.end(), parent.name) !=
          child.parents.end()) {
        parent.children.push_back(child.name);
      }
    }
  }
  return all;
}

constinit const SourceType kBlock{
    .name = "sysfs/block",
    .snapshot = &kSnapshot<BlockDevices>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadBlockDevices(host.root)); },
};

}  // namespace gpud::sysfs
