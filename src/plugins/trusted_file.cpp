// SPDX-License-Identifier: Apache-2.0
// A file whose words run as root: only when nobody else can have written them.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "platform/unique_fd.h"
#include "plugins/spec_file.h"

namespace gpud::plugins {

constexpr std::size_t kLongestFile = 4 << 20;

Result<std::string> ReadTrusted(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.valid()) return FailErrno("open " + path, errno);
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) return FailErrno("stat " + path, errno);
  if (!S_ISREG(facts.st_mode)) return Fail(ErrorCode::kIo, path + ": not a regular file");
  const bool owned = facts.st_uid == 0 || facts.st_uid == ::geteuid();
  if (!owned || (facts.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return Fail(ErrorCode::kPermission,
                path + ": others than root can write it, and what it says runs as root; look " +
                    "through it, then: chown root:root '" + path + "' && chmod go-w '" + path +
                    "'");
  }
  std::string text(static_cast<std::size_t>(std::min<off_t>(facts.st_size, kLongestFile)) + 1,
                   '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t n = ::read(file.get(), text.data() + size, text.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FailErrno("read " + path, errno);
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  if (size > kLongestFile) return Fail(ErrorCode::kIo, path + ": longer than 4 MiB");
  text.resize(size);
  return text;
}

}  // namespace gpud::plugins
