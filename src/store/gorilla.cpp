// SPDX-License-Identifier: Apache-2.0
#include "store/gorilla.h"

#include <algorithm>
#include <bit>

namespace gpud::store {
namespace {

// The classes of a changed step, smallest first: timer jitter of a few ms, then of seconds, then a
// pause of minutes. The prefix is one 1 more for each class and ends in a 0 but for the last.
constexpr int kStepBits[] = {7, 12, 20, 64};
constexpr int kLastStep = 3;

// All arithmetic on times is modulo 2^64, so that no pair of times overflows.
std::uint64_t ZigZag(std::uint64_t value) { return (value << 1) ^ (0 - (value >> 63)); }
std::uint64_t UnZigZag(std::uint64_t value) { return (value >> 1) ^ (0 - (value & 1)); }

/// Bits of a text from the front. Past the end it gives zeros and remembers that.
class BitReader {
 public:
  explicit BitReader(std::string_view bytes) : bytes_(bytes) {}

  std::uint64_t Read(int count) {
    if (static_cast<std::size_t>(count) > bytes_.size() * 8 - position_) {
      ended_ = true;
      return 0;
    }
    std::uint64_t bits = 0;
    while (count > 0) {
      const int offset = static_cast<int>(position_ % 8);
      const int taken = std::min(8 - offset, count);
      const unsigned byte = static_cast<unsigned char>(bytes_[position_ / 8]);
      const unsigned part = (byte >> (8 - offset - taken)) & ((1u << taken) - 1);
      bits = (bits << taken) | part;
      position_ += static_cast<std::size_t>(taken);
      count -= taken;
    }
    return bits;
  }
  bool ended() const { return ended_; }

 private:
  std::string_view bytes_;
  std::size_t position_ = 0;
  bool ended_ = false;
};

}  // namespace

void ChunkEncoder::Write(std::uint64_t bits, int count) {
  while (count > 0) {
    if (free_bits_ == 0) {
      bytes_ += '\0';
      free_bits_ = 8;
    }
    const int taken = std::min(free_bits_, count);
    const auto part = static_cast<unsigned>(bits >> (count - taken)) & ((1u << taken) - 1);
    const unsigned byte = static_cast<unsigned char>(bytes_.back());
    bytes_.back() = static_cast<char>(byte | (part << (free_bits_ - taken)));
    free_bits_ -= taken;
    count -= taken;
  }
}

void ChunkEncoder::WriteStep(std::uint64_t change) {
  if (change == 0) return Write(0, 1);
  const std::uint64_t bits = ZigZag(change);
  int size = 0;
  while (size < kLastStep && bits >> kStepBits[size] != 0) ++size;
  if (size < kLastStep) {
    Write((1u << (size + 2)) - 2, size + 2);
  } else {
    Write(0b1111, 4);
  }
  Write(bits, kStepBits[size]);
}

void ChunkEncoder::WriteXor(std::uint64_t difference) {
  if (difference == 0) return Write(0, 1);
  const int leading = std::countl_zero(difference);
  const int trailing = std::countr_zero(difference);
  const int length = 64 - leading - trailing;
  const int window_trailing = 64 - window_leading_ - window_length_;
  const bool fits = leading >= window_leading_ && trailing >= window_trailing;
  // A new window costs 12 bits: keep one that is wider by no more than that.
  if (window_length_ > 0 && fits && window_length_ - length <= 12) {
    Write(0b10, 2);
    return Write(difference >> window_trailing, window_length_);
  }
  Write(0b11, 2);
  Write(static_cast<std::uint64_t>(leading), 6);
  Write(static_cast<std::uint64_t>(length - 1), 6);
  Write(difference >> trailing, length);
  window_leading_ = leading;
  window_length_ = length;
}

void ChunkEncoder::Add(Point point) {
  const auto time = static_cast<std::uint64_t>(point.time_ms);
  const auto value = std::bit_cast<std::uint64_t>(point.value);
  if (count_ == 0) {
    Write(time, 64);
    Write(value, 64);
  } else {
    const std::uint64_t step = time - time_;
    WriteStep(step - step_);
    WriteXor(value ^ value_);
    step_ = step;
  }
  time_ = time;
  value_ = value;
  ++count_;
}

Result<std::vector<Point>> DecodeChunk(std::string_view bytes, std::size_t count) {
  std::vector<Point> points;
  if (count == 0) return points;
  // Two bits a sample is the least: a damaged count must not reserve the memory of the world.
  points.reserve(std::min(count, bytes.size() * 4));

  BitReader in(bytes);
  std::uint64_t time = in.Read(64), step = 0, value = in.Read(64);
  int leading = 0, length = 0;
  while (!in.ended()) {
    points.push_back({static_cast<std::int64_t>(time), std::bit_cast<double>(value)});
    if (points.size() == count) return points;

    if (in.Read(1)) {
      int size = 0;
      while (size < kLastStep && in.Read(1)) ++size;
      step += UnZigZag(in.Read(kStepBits[size]));
    }
    time += step;
    if (in.Read(1)) {
      if (in.Read(1)) {
        leading = static_cast<int>(in.Read(6));
        length = static_cast<int>(in.Read(6)) + 1;
      }
      const int trailing = 64 - leading - length;
      if (length == 0 || trailing < 0) {
        return Fail(ErrorCode::kParse, "chunk: no such window of bits");
      }
      value ^= in.Read(length) << trailing;
    }
  }
  return Fail(ErrorCode::kParse, "chunk: ends after " + std::to_string(points.size()) + " of " +
                                     std::to_string(count) + " samples");
}

}  // namespace gpud::store
