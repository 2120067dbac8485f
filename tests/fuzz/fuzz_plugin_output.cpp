// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "plugins/read_output.h"

// What a plugin has printed: Nagios' perfdata, node-problem-detector's line, OpenMetrics.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  gpud::plugins::Output output;
  output.Add(text);
  if (output.Text() != text && size <= gpud::plugins::Output::kHead) std::abort();
  for (const auto& reading : {gpud::plugins::ReadNagios(text), gpud::plugins::ReadNpd(text),
                              gpud::plugins::ReadOpenMetrics(text)}) {
    for (const auto& sample : reading.samples) {
      if (!std::isfinite(sample.value)) std::abort();
    }
  }
  return 0;
}
