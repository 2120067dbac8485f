// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <cstdlib>

#include "platform/json.h"

// The text of whatever parses must parse again. (Not to the same text: the parser's doubles may be
// off in the last place.)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto json = gpud::ParseJson({reinterpret_cast<const char*>(data), size});
  if (!json) return 0;
  (void)gpud::YamlText(*json);
  if (!gpud::ParseJson(gpud::JsonText(*json))) std::abort();
  return 0;
}
