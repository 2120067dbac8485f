// SPDX-License-Identifier: Apache-2.0
// ChunkEncoder, DecodeChunk: a series of (time, value) as a few bits a sample. Times as the change
// of their step, values as the XOR with the one before (Pelkonen et al., "Gorilla: A Fast,
// Scalable, In-Memory Time Series Database", VLDB 2015, section 4.1).
//
// Layout, a bit stream, most significant bit first:
//   first sample  time (64), value (64)
//   others        change of step d (zigzag): 0 -> "0"; else "10"+7, "110"+12, "1110"+20, "1111"+64
//                 XOR x: 0 -> "0"; fits the last window -> "10"+bits;
//                 else "11"+leading zeros (6)+length-1 (6)+bits, which is the new window
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "platform/result.h"

namespace gpud::store {

struct Point {
  std::int64_t time_ms = 0;
  double value = 0;
};

/// Any times in any order and any values (NaN and -0.0 too) come back bit for bit.
class ChunkEncoder {
 public:
  void Add(Point point);
  std::size_t count() const { return count_; }
  /// The chunk so far; valid until the next Add.
  std::string_view bytes() const { return bytes_; }

 private:
  void Write(std::uint64_t bits, int count);
  void WriteStep(std::uint64_t change);
  void WriteXor(std::uint64_t difference);

  std::string bytes_;
  int free_bits_ = 0;  ///< in the last byte
  std::size_t count_ = 0;
  std::uint64_t time_ = 0, step_ = 0, value_ = 0;
  int window_leading_ = 0, window_length_ = 0;  ///< length 0 = no window yet
};

/// The `count` samples of a chunk; never reads past the end of `bytes`, whatever they are.
/// Error: kParse when they end early.
Result<std::vector<Point>> DecodeChunk(std::string_view bytes, std::size_t count);

}  // namespace gpud::store
