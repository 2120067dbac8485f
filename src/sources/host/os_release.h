// SPDX-License-Identifier: Apache-2.0
// os-release: which distribution this is.
#pragma once

#include <string>
#include <string_view>

#include "sources/source.h"

namespace gpud::host {

struct OsRelease {
  std::string id;           ///< "debian"
  std::string name;         ///< "Debian GNU/Linux"
  std::string pretty_name;  ///< "Debian GNU/Linux 12 (bookworm)"; the name where not told
  std::string id_like;      ///< "debian", "rhel fedora"
  std::string version_id;   ///< "12"

  bool operator==(const OsRelease&) const = default;
  static constexpr auto Fields() {
    using O = OsRelease;
    return std::tuple{Field{"id", &O::id}, Field{"name", &O::name},
                      Field{"pretty_name", &O::pretty_name}, Field{"id_like", &O::id_like},
                      Field{"version_id", &O::version_id}};
  }
};

/// Shell-like assignments, quotes undone. Error: kParse when it has no name. Source: os-release(5).
Result<OsRelease> ParseOsRelease(std::string_view text);

/// /etc/os-release, else /usr/lib/os-release. Errors: as Root::Read, or kParse.
Result<OsRelease> ReadOsRelease(const Root& root);

}  // namespace gpud::host
