// SPDX-License-Identifier: Apache-2.0
#include "components/line_device.h"

#include <algorithm>

#include "components/line_pattern.h"

namespace gpud {

std::string PciAddressIn(std::string_view text) {
  constexpr auto kNone = std::string_view::npos;
  while (!text.empty()) {
    std::string_view word = text.substr(0, text.find_first_of(" \n"));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    word = word.substr(0, word.find(":pcie"));
    while (word.ends_with(':')) word.remove_suffix(1);
    // Without a function it may be a time of day.
    if (word.find('.') == kNone || word.find(':') == kNone) continue;
    if (std::string address = PciAddress(word); !address.empty()) return address;
  }
  return {};
}

}  // namespace gpud
