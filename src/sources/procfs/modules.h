// SPDX-License-Identifier: Apache-2.0
// /proc/modules: the kernel modules that are loaded.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "sources/source.h"

namespace gpud::procfs {

struct Modules {
  std::vector<std::string> names;        ///< as the kernel writes them, '-' as '_'
  std::vector<std::string> out_of_tree;  ///< those of them that are not built with the kernel

  bool Has(std::string_view name) const {
    return std::find(names.begin(), names.end(), name) != names.end();
  }
  static constexpr auto Fields() {
    return std::tuple{Field{"names", &Modules::names}, Field{"out_of_tree", &Modules::out_of_tree}};
  }
};

/// Never fails: an empty text means that nothing is loaded. Source: proc_modules(5).
Result<Modules> ParseModules(std::string_view text);

/// Error in place of the snapshot: kUnsupported when the kernel has no loadable modules.
extern const SourceType kModules;

}  // namespace gpud::procfs
