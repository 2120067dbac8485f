// SPDX-License-Identifier: Apache-2.0
#include "sources/host/shared_memory.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>

namespace gpud::host {
namespace {

constexpr const char* kPath = "/dev/shm";

Result<SharedMemory> ReadSharedMemory(const Root& root) {
  const auto fd = root.Open(kPath, O_PATH | O_DIRECTORY);
  if (!fd) return tl::unexpected<Error>(fd.error());
  struct statfs stat {};
  if (fstatfs(fd->get(), &stat) != 0) return FailErrno(kPath, errno);
  if (stat.f_type != TMPFS_MAGIC) {
    return Fail(ErrorCode::kUnsupported, std::string(kPath) + ": no file system in memory");
  }
  const auto unit = static_cast<std::uint64_t>(stat.f_bsize);
  return SharedMemory{.size_bytes = stat.f_blocks * unit,
                      .used_bytes = (stat.f_blocks - std::min(stat.f_blocks, stat.f_bfree)) * unit};
}

}  // namespace

constinit const SourceType kSharedMemory{
    .name = "host/shared-memory",
    .snapshot = &kSnapshot<SharedMemory>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadSharedMemory(host.root)); },
};

}  // namespace gpud::host
