// SPDX-License-Identifier: Apache-2.0
#include "sources/host/mount_usage.h"

#include <fcntl.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>

#include "sources/host/patient_reader.h"

namespace gpud::host {
namespace {

using std::chrono::milliseconds;

// One second for a file system, less than the lane's deadline for all: the snapshot must get out
// with what is known, as the lane is killed otherwise.
constexpr milliseconds kPatience{1000}, kBudget{4000}, kDeadline{5000};

Result<MountUsages> ReadUsages(const Root& root, PatientReader& reader) {
  const auto info = procfs::ReadMountinfo(root);
  if (!info) return Pass(info, "mounts");
  std::vector<procfs::Mount> mounts = procfs::RealMounts(*info);
  // Local ones first: what hangs, hangs behind them.
  std::stable_partition(mounts.begin(), mounts.end(), [](const procfs::Mount& mount) {
    return !procfs::IsNetworkFileSystem(mount.fs_type);
  });
  const std::string prefix = root.path() == "/" ? "" : root.path();
  std::vector<PatientReader::Question> questions;
  std::vector<std::shared_ptr<Space>> spaces;
  for (const procfs::Mount& mount : mounts) {
    const auto& space = spaces.emplace_back(std::make_shared<Space>());
    questions.push_back({prefix + mount.mount_point, [root, space, path = mount.mount_point] {
                           return ReadSpace(root, path).map([&](Space read) { *space = read; });
                         }});
  }
  auto answers = reader.Ask(std::move(questions), kPatience, kBudget);
  MountUsages usages;
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    MountUsage usage{.mount = std::move(mounts[i])};
    if (answers[i].done) {
      usage.space = *spaces[i];
    } else {
      usage.space = tl::unexpected<Error>(std::move(answers[i].done).error());
    }
    if (!usage.space && usage.space.error().code == ErrorCode::kTimeout) {
      usage.hanging = std::chrono::duration_cast<std::chrono::seconds>(answers[i].took);
    } else {
      usage.answer_seconds = std::chrono::duration<double>(answers[i].took).count();
    }
    usages.mounts.push_back(std::move(usage));
  }
  return usages;
}

}  // namespace

Result<Space> ReadSpace(const Root& root, const std::string& mount_point) {
  const auto fd = root.Open(mount_point, O_PATH);
  if (!fd) return tl::unexpected<Error>(fd.error());
  struct statvfs stat {};
  if (fstatvfs(fd->get(), &stat) != 0) return FailErrno(mount_point, errno);
  const std::uint64_t unit = stat.f_frsize;
  return Space{.total_bytes = stat.f_blocks * unit,
               .free_bytes = stat.f_bfree * unit,
               .available_bytes = stat.f_bavail * unit,
               .total_inodes = stat.f_files,
               .free_inodes = stat.f_ffree};
}

constinit const SourceType kMountUsages{
    .name = "host/mounts",
    .lane = Lane::kMounts,
    .deadline = kDeadline,
    .snapshot = &kSnapshot<MountUsages>,
    .read =
        [](const Host& host, Inputs& into) {
          // What hangs outlives a reading, and the lane's process is there for this source alone.
          static PatientReader reader;
          into.Put(ReadUsages(host.root, reader));
        },
};

}  // namespace gpud::host
