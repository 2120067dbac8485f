// SPDX-License-Identifier: Apache-2.0
// Where the loader would find shared libraries: its cache, then the folders that drivers use.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sources/source.h"

namespace gpud::host {

struct Libraries {
  /// The libraries of NVIDIA's driver that programs need, by name, with the file that the loader
  /// would take; empty where there is none.
  std::map<std::string, std::string> nvidia;

  static constexpr auto Fields() { return std::tuple{Field{"nvidia", &Libraries::nvidia}}; }
};

/// The paths of `name` in the text of /etc/ld.so.cache, in its order; none when it is no such file.
/// Source: glibc, sysdeps/generic/dl-cache.h (the format since 2.2, also behind an older one).
std::vector<std::string> FindInLoaderCache(std::string_view cache, std::string_view name);

/// Error in place of the snapshot: kNotFound when neither a cache nor a folder of libraries can be
/// seen; kPermission when the cache may not be read.
extern const SourceType kLibraries;

}  // namespace gpud::host
