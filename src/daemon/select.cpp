// SPDX-License-Identifier: Apache-2.0
#include "daemon/select.h"

#include <algorithm>
#include <set>

#include "platform/text.h"

namespace gpud::daemon {

Selection SelectComponents(std::span<const std::string> list, std::span<const std::string> names) {
  Selection result;
  std::set<std::string_view> wanted, unwanted;
  bool all = false, positive = false;
  for (const std::string& text : list) {
    std::string_view entry = Trim(text);
    if (entry.empty()) continue;
    const bool out = entry.starts_with('-');
    if (out) entry.remove_prefix(1);
    if (!out) positive = true;
    if (!out && (entry == "*" || entry == "all")) {
      all = true;
    } else if (!out && entry == "none") {
      continue;
    } else if (std::find(names.begin(), names.end(), entry) == names.end()) {
      result.unknown.emplace_back(entry);
    } else {
      (out ? unwanted : wanted).insert(entry);
    }
  }
  all = all || !positive;
  for (const std::string& name : names) {
    if ((all || wanted.contains(name)) && !unwanted.contains(name)) {
      result.selected.push_back(name);
    }
  }
  return result;
}

}  // namespace gpud::daemon
