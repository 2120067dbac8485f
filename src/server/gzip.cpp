// SPDX-License-Identifier: Apache-2.0
#include "server/gzip.h"

#include <zlib.h>

namespace gpud::server {

std::string Gzip(std::string_view text) {
  // A window of 8 KiB and a small hash table: most bodies are shorter than the time it takes to
  // clear the default 256 KiB.
  constexpr int kWindowBits = 13 + 16;  // + 16 = gzip's header (zlib.h, deflateInit2)
  constexpr int kMemoryLevel = 7;
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kWindowBits, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return {};
  }
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));  // zlib only reads it
  stream.avail_in = uInt(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = uInt(out.size());
  const bool ended = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(ended ? stream.total_out : 0);
  deflateEnd(&stream);
  return out;
}

}  // namespace gpud::server
