// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <cstdlib>
#include <string>

#include "store/gorilla.h"

// A chunk from a damaged database: what decodes must encode and decode to the same again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  using namespace gpud::store;
  if (size == 0) return 0;
  const auto points = DecodeChunk(text.substr(1), data[0]);
  if (!points) return 0;
  ChunkEncoder encoder;
  for (const Point& point : *points) encoder.Add(point);
  const auto again = DecodeChunk(encoder.bytes(), encoder.count());
  if (!again || again->size() != points->size()) std::abort();
  for (std::size_t i = 0; i < points->size(); ++i) {
    if ((*again)[i].time_ms != (*points)[i].time_ms) std::abort();
  }
  return 0;
}
