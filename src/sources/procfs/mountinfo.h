// SPDX-License-Identifier: Apache-2.0
// /proc/self/mountinfo: what is mounted where.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sources/source.h"

namespace gpud::procfs {

struct Mount {
  std::string device;       ///< "259:1"; 0:N for file systems without a block device of their own
  std::string root;         ///< the part of the file system that is mounted, "/" for all of it
  std::string mount_point;  ///< escapes (\040) undone
  std::string fs_type;      ///< "ext4"
  std::string source;       ///< "/dev/nvme0n1p1", "server:/export"
  bool read_only = false;   ///< the mount or the file system below it
  /// The file system is read-only below a mount that is not: the kernel has made it so, after an
  /// error. A person's remount changes both.
  bool forced_read_only = false;

  bool operator==(const Mount&) const = default;
  static constexpr auto Fields() {
    using M = Mount;
    return std::tuple{Field{"device", &M::device},
                      Field{"root", &M::root},
                      Field{"mount_point", &M::mount_point},
                      Field{"fs_type", &M::fs_type},
                      Field{"source", &M::source},
                      Field{"read_only", &M::read_only},
                      Field{"forced_read_only", &M::forced_read_only}};
  }
};

struct Mountinfo {
  std::vector<Mount> mounts;  ///< in the kernel's order: later ones cover earlier ones

  static constexpr auto Fields() { return std::tuple{Field{"mounts", &Mountinfo::mounts}}; }
};

/// Undoes the kernel's \NNN for blank, tab, line feed, backslash and '#' in names of mounts.
std::string Unescape(std::string_view text);

/// Error: kParse, with the line. Source: proc_pid_mountinfo(5).
Result<Mountinfo> ParseMountinfo(std::string_view text);

/// That of pid 1 where the root is not "/" (a container that sees the host below /host).
Result<Mountinfo> ReadMountinfo(const Root& root);

/// nfs, lustre and others that a server can stop from answering.
bool IsNetworkFileSystem(std::string_view fs_type);
/// True for file systems that hold data on a disk or a server: not proc, tmpfs, overlay, autofs,
/// and not read-only images (squashfs, iso9660), which are full by design.
bool HoldsData(const Mount& mount);
/// The mounts that are worth asking for their space: those that hold data, each file system once
/// (at the mount of its whole, else at its first), without the bind mounts of kubelet's pods and
/// cloud metadata, and without what a later mount covers.
std::vector<Mount> RealMounts(const Mountinfo& mountinfo);

extern const SourceType kMountinfo;

}  // namespace gpud::procfs
