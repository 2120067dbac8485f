// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <cstdlib>

#include "platform/time_text.h"

// A time or a duration that parses must be read back as the same from its own text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto time = gpud::ParseRfc3339(text)) {
    if (gpud::ParseRfc3339(gpud::Rfc3339Micros(*time)) != time) std::abort();
  }
  if (const auto duration = gpud::ParseDuration(text)) (void)gpud::DurationText(*duration);
  return 0;
}
