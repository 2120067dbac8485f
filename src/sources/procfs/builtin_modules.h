// SPDX-License-Identifier: Apache-2.0
// /lib/modules/RELEASE/modules.builtin: what other kernels load as modules and this one contains.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sources/source.h"

namespace gpud::procfs {

struct BuiltinModules {
  std::vector<std::string> names;  ///< '-' as '_', sorted

  bool Has(std::string_view name) const;
  static constexpr auto Fields() { return std::tuple{Field{"names", &BuiltinModules::names}}; }
};

/// Never fails. Source: Documentation/kbuild/kbuild.rst.
BuiltinModules ParseBuiltinModules(std::string_view text);

/// Errors in place of the snapshot: as Root::Read; a container often has no such file.
extern const SourceType kBuiltinModules;

}  // namespace gpud::procfs
