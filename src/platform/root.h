// SPDX-License-Identifier: Apache-2.0
// Root: the machine's files below a folder, "/" in production and a fixture in tests.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "platform/result.h"
#include "platform/unique_fd.h"

namespace gpud {

/// A folder that stands for the root of a machine. Paths are absolute within it. Below a root other
/// than "/", files are opened with openat2(RESOLVE_IN_ROOT) (Linux 5.6), so that no link in a
/// fixture leads out of it.
class Root {
 public:
  explicit Root(std::string path = "/");

  /// The whole file. Errors: kNotFound, kPermission, kIo (also: longer than `max_bytes`).
  Result<std::string> Read(std::string_view path, std::size_t max_bytes = 1 << 20) const;
  /// The names in a folder, sorted, without "." and "..". Errors as Read.
  Result<std::vector<std::string>> List(std::string_view path) const;
  /// The text of a symbolic link, not followed. Errors as Read.
  Result<std::string> ReadLink(std::string_view path) const;
  /// Opens with O_CLOEXEC and `flags`. Errors as Read.
  Result<UniqueFd> Open(std::string_view path, int flags) const;
  bool Exists(std::string_view path) const;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool real_;
};

}  // namespace gpud
