// SPDX-License-Identifier: Apache-2.0
#include "platform/list_text.h"

namespace gpud {

std::string ListText(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

}  // namespace gpud
