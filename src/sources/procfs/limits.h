// SPDX-License-Identifier: Apache-2.0
// /proc/sys: how many files are open in all, and the kernel's limits.
#pragma once

#include <string_view>

#include "sources/source.h"

namespace gpud::procfs {

struct FileHandles {
  std::uint64_t allocated = 0;  ///< open files of the whole machine
  std::uint64_t limit = 0;      ///< fs.file-max; often 2^63-1, that is none

  bool operator==(const FileHandles&) const = default;
  static constexpr auto Fields() {
    return std::tuple{Field{"allocated", &FileHandles::allocated},
                      Field{"limit", &FileHandles::limit}};
  }
};

struct Limits {
  Result<FileHandles> file_handles = Fail(ErrorCode::kInternal, "not read");
  Result<std::uint64_t> pid_max = Fail(ErrorCode::kInternal, "not read");  ///< kernel.pid_max
  Result<std::uint64_t> threads_max = Fail(ErrorCode::kInternal, "not read");

  static constexpr auto Fields() {
    return std::tuple{Field{"file_handles", &Limits::file_handles},
                      Field{"pid_max", &Limits::pid_max},
                      Field{"threads_max", &Limits::threads_max}};
  }
};

/// "ALLOCATED UNUSED MAXIMUM". Error: kParse. Source: Documentation/admin-guide/sysctl/fs.rst.
Result<FileHandles> ParseFileNr(std::string_view text);

/// Error in place of the snapshot: that of file-nr, when neither file can be read.
extern const SourceType kLimits;

}  // namespace gpud::procfs
