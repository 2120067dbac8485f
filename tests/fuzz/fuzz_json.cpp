// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <cstdlib>

#include "platform/json.h"

// Whatever parses must give the same document again from its own text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto json = gpud::ParseJson({reinterpret_cast<const char*>(data), size});
  if (!json) return 0;
  (void)gpud::YamlText(*json);
  const std::string text = gpud::JsonText(*json);
  const auto again = gpud::ParseJson(text);
  if (!again || gpud::JsonText(*again) != text) std::abort();
  return 0;
}
