// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <cstdlib>
#include <string>

#include "plugins/json_path.h"

// A query in the first line, a document in the rest.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(text.find('\n'), text.size());
  const auto path = gpud::plugins::JsonPath::Compile(text.substr(0, end));
  const auto object = gpud::plugins::FirstObject(text.substr(end));
  if (!path || !object || !*object) return 0;
  const auto found = path->Find(**object);
  if (found && *found) (void)gpud::plugins::ValueText(**found);
  return 0;
}
