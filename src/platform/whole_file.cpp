// SPDX-License-Identifier: Apache-2.0
#include "platform/whole_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>

#include "platform/unique_fd.h"

namespace gpud {

Result<void> WriteWholeFile(const std::string& path, mode_t mode, std::string_view text) {
  const std::string fresh = path + ".new";
  ::unlink(fresh.c_str());
  const UniqueFd file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!file.valid() || ::fchmod(file.get(), mode) != 0 ||
      ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      ::fsync(file.get()) != 0 || ::rename(fresh.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(fresh.c_str());
    return FailErrno("write " + path, error);
  }
  return {};
}

}  // namespace gpud
