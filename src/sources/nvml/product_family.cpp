// SPDX-License-Identifier: Apache-2.0
#include "sources/nvml/product_family.h"

#include <algorithm>

namespace gpud::nvml {

bool IsOfFamily(std::string_view name, std::string_view family) {
  while (!name.empty()) {
    const std::size_t end = std::min(name.find_first_of(" -"), name.size());
    if (name.substr(0, end) == family) return true;
    name.remove_prefix(std::min(end + 1, name.size()));
  }
  return false;
}

const NetworkOfProduct* NetworkOf(std::string_view name) {
  static constexpr NetworkOfProduct kTable[] = {
      {"A100", 1, 200}, {"H100", 8, 400}, {"H200", 8, 400}, {"B200", 8, 400}, {"GB200", 8, 400},
  };
  for (const NetworkOfProduct& row : kTable) {
    if (IsOfFamily(name, row.family)) return &row;
  }
  return nullptr;
}

}  // namespace gpud::nvml
