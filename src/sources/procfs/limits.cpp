// SPDX-License-Identifier: Apache-2.0
#include "sources/procfs/limits.h"

#include "platform/text.h"
#include "sources/sysfs/value_file.h"

namespace gpud::procfs {

Result<FileHandles> ParseFileNr(std::string_view text) {
  const auto words = SplitBlanks(Trim(text));
  if (words.size() == 3) {
    const auto allocated = ParseNumber<std::uint64_t>(words[0]);
    const auto limit = ParseNumber<std::uint64_t>(words[2]);
    if (allocated && limit) return FileHandles{*allocated, *limit};
  }
  return Fail(ErrorCode::kParse, "/proc/sys/fs/file-nr: not \"ALLOCATED UNUSED MAXIMUM\"");
}

constinit const SourceType kLimits{
    .name = "procfs/limits",
    .snapshot = &kSnapshot<Limits>,
    .read =
        [](const Host& host, Inputs& into) {
          Limits limits{host.root.Read("/proc/sys/fs/file-nr").and_then(ParseFileNr),
                        sysfs::ReadUnsigned(host.root, "/proc/sys/kernel/pid_max"),
                        sysfs::ReadUnsigned(host.root, "/proc/sys/kernel/threads-max")};
          if (!limits.file_handles && !limits.pid_max) {
            into.Put<Limits>(tl::unexpected<Error>(limits.file_handles.error()));
          } else {
            into.Put<Limits>(std::move(limits));
          }
        },
};

}  // namespace gpud::procfs
