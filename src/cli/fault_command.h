// SPDX-License-Identifier: Apache-2.0
// What `gpud xid` and `gpud sxid` share: they differ only in the catalogue that they look into.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "catalog/explain.h"
#include "cli/command.h"

namespace gpud::cli {

struct FaultKind {
  std::string_view name;     ///< "Xid"
  std::string_view command;  ///< "xid"
  std::vector<std::uint32_t> (*codes)();
  const std::map<std::uint32_t, catalog::Override>& (*overrides)(const catalog::Overlay&);
  std::optional<catalog::Explanation> (*explain)(std::uint32_t, const catalog::Catalog&);
  std::string_view other_name;  ///< the catalogue that a wrong number may belong to
  std::string_view other_command;
  bool (*in_other)(std::uint32_t code);
};

std::vector<const Flag*> FaultFlags();
int RunFaultCommand(Context& context, const Arguments& arguments, const FaultKind& kind);

}  // namespace gpud::cli
