// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <cstdlib>
#include <string>

#include "plugins/spec_file.h"

// A file of plugins; where the lists of components in it come from files, they are the same text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto file = gpud::plugins::ParseSpecs(
      "f", text, [&](const std::string&) -> gpud::Result<std::string> { return text; });
  const std::string json = gpud::plugins::SpecsJson(file.specs);
  if (!gpud::ParseJson(json)) std::abort();
  return 0;
}
