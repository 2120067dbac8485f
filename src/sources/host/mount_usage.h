// SPDX-License-Identifier: Apache-2.0
// How full each mounted file system is. In the mounts lane, as a dead server or disk lets the
// question hang for ever.
#pragma once

#include <string>
#include <vector>

#include "sources/procfs/mountinfo.h"

namespace gpud::host {

struct Space {
  std::uint64_t total_bytes = 0;
  std::uint64_t free_bytes = 0;       ///< with what is kept for root
  std::uint64_t available_bytes = 0;  ///< for ordinary users
  std::uint64_t total_inodes = 0;     ///< 0 where the file system has no fixed number (btrfs)
  std::uint64_t free_inodes = 0;

  static constexpr auto Fields() {
    using S = Space;
    return std::tuple{Field{"total_bytes", &S::total_bytes}, Field{"free_bytes", &S::free_bytes},
                      Field{"available_bytes", &S::available_bytes},
                      Field{"total_inodes", &S::total_inodes},
                      Field{"free_inodes", &S::free_inodes}};
  }
};

struct MountUsage {
  procfs::Mount mount;
  /// kTimeout when the file system does not answer: since `hanging` then.
  Result<Space> space = Fail(ErrorCode::kInternal, "not read");
  std::chrono::seconds hanging{0};
  double answer_seconds = 0;  ///< how long the answer took

  static constexpr auto Fields() {
    using M = MountUsage;
    return std::tuple{Field{"mount", &M::mount}, Field{"space", &M::space},
                      Field{"hanging", &M::hanging}, Field{"answer_seconds", &M::answer_seconds}};
  }
};

struct MountUsages {
  std::vector<MountUsage> mounts;  ///< of procfs::RealMounts, local ones first

  static constexpr auto Fields() { return std::tuple{Field{"mounts", &MountUsages::mounts}}; }
};

/// Asks one file system (statvfs(3)). Errors as Root::Open. May hang.
Result<Space> ReadSpace(const Root& root, const std::string& mount_point);

/// Answers within its deadline also when some file systems hang: those are left to a thread of
/// their own, and are not asked again before it is back. Error in place of the snapshot: of
/// mountinfo.
extern const SourceType kMountUsages;

}  // namespace gpud::host
