// SPDX-License-Identifier: Apache-2.0
#include "sources/procfs/mountinfo.h"

#include <algorithm>

#include "platform/text.h"

namespace gpud::procfs {
namespace {

bool HasOption(std::string_view options, std::string_view wanted) {
  const auto words = Split(options, ',');
  return std::find(words.begin(), words.end(), wanted) != words.end();
}

}  // namespace

std::string Unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      const auto code = ParseNumber<unsigned char>(text.substr(i + 1, 3), 8);
      if (code) {
        plain += static_cast<char>(*code);
        i += 3;
        continue;
      }
    }
    plain += text[i];
  }
  return plain;
}

Result<Mountinfo> ParseMountinfo(std::string_view text) {
  Mountinfo info;
  for (std::string_view line; NextLine(text, line);) {
    // 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
    const auto words = SplitBlanks(line);
    if (words.empty()) continue;
    const auto dash = std::find(words.begin(), words.end(), "-");
    if (dash - words.begin() < 6 || words.end() - dash < 3) {
      return Fail(ErrorCode::kParse, "mountinfo: bad line: " + std::string(line));
    }
    // An empty source leaves two blanks, which SplitBlanks folds: then the options stand there.
    const bool has_source = words.end() - dash >= 4;
    const std::string_view fs_options = words.back();
    const bool mount_read_only = HasOption(words[5], "ro");
    const bool fs_read_only = HasOption(fs_options, "ro");
    info.mounts.push_back({.device = std::string(words[2]),
                           .root = Unescape(words[3]),
                           .mount_point = Unescape(words[4]),
                           .fs_type = std::string(dash[1]),
                           .source = has_source ? Unescape(dash[2]) : "",
                           .read_only = mount_read_only || fs_read_only,
                           .forced_read_only = fs_read_only && !mount_read_only});
  }
  return info;
}

Result<Mountinfo> ReadMountinfo(const Root& root) {
  constexpr std::size_t kMost = 4 << 20;  // nodes with 1000 pods have 1 MB
  if (root.path() != "/") {
    if (auto text = root.Read("/proc/1/mountinfo", kMost)) return ParseMountinfo(*text);
  }
  return root.Read("/proc/self/mountinfo", kMost).and_then(ParseMountinfo);
}

bool IsNetworkFileSystem(std::string_view fs_type) {
  constexpr std::string_view kTypes[] = {
      "nfs",       "nfs4",           "lustre",       "wekafs",     "virtiofs", "cifs",
      "smb3",      "ceph",           "gpfs",         "beegfs",     "9p",       "afs",
      "glusterfs", "fuse.glusterfs", "fuse.juicefs", "fuse.sshfs", "fuse.s3fs"};
  return std::find(std::begin(kTypes), std::end(kTypes), fs_type) != std::end(kTypes);
}

bool HoldsData(const Mount& mount) {
  if (IsNetworkFileSystem(mount.fs_type)) return true;
  constexpr std::string_view kImages[] = {"squashfs", "iso9660", "erofs", "cramfs"};
  if (std::find(std::begin(kImages), std::end(kImages), mount.fs_type) != std::end(kImages)) {
    return false;
  }
  if (mount.fs_type == "zfs") return true;
  return mount.source.starts_with("/dev/") && mount.fs_type != "devtmpfs" &&
         mount.fs_type != "autofs";
}

std::vector<Mount> RealMounts(const Mountinfo& mountinfo) {
  std::vector<Mount> real;
  for (const Mount& mount : mountinfo.mounts) {
    // What is mounted on the same point later hides what was there.
    std::erase_if(real, [&](const Mount& m) { return m.mount_point == mount.mount_point; });
    if (!HoldsData(mount) || mount.mount_point.starts_with("/mnt/cloud-metadata") ||
        mount.mount_point.find("/kubelet/pods") != std::string::npos) {
      continue;
    }
    const auto same = std::find_if(real.begin(), real.end(),
                                   [&](const Mount& m) { return m.device == mount.device; });
    if (same == real.end()) {
      real.push_back(mount);
    } else if (mount.root == "/" && same->root != "/") {
      *same = mount;
    }
  }
  return real;
}

constinit const SourceType kMountinfo{
    .name = "procfs/mountinfo",
    .snapshot = &kSnapshot<Mountinfo>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadMountinfo(host.root)); },
};

}  // namespace gpud::procfs
