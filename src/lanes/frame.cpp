// SPDX-License-Identifier: Apache-2.0
#include "lanes/frame.h"

#include <array>

#include "model/binary_codec.h"

namespace gpud::lanes {
namespace {

constexpr std::size_t kHeader = 4;

template <class T>
std::string MakeFrame(const T& message) {
  BinaryWriter writer;
  writer.Put(message);
  const std::string content = writer.Take();
  std::string frame;
  frame.reserve(kHeader + content.size());
  for (std::size_t shift = 0; shift < 32; shift += 8) {
    frame += static_cast<char>((content.size() >> shift) & 0xff);
  }
  return frame + content;
}

template <class T>
Result<T> Parse(std::string_view content) {
  T message;
  BinaryReader reader(content);
  reader.Get(message);
  if (!reader.ok() || !reader.AtEnd())
    return Fail(ErrorCode::kParse, "a frame of no known content");
  return message;
}

}  // namespace

std::string Frame(const Request& message) { return MakeFrame(message); }
std::string Frame(const Answer& message) { return MakeFrame(message); }
Result<Request> ParseRequest(std::string_view content) { return Parse<Request>(content); }
Result<Answer> ParseAnswer(std::string_view content) { return Parse<Answer>(content); }

Result<std::optional<std::string>> FrameReader::Next() {
  if (pending_.size() < kHeader) return std::nullopt;
  std::size_t length = 0;
  for (std::size_t i = kHeader; i-- > 0;) {
    length = length << 8 | static_cast<unsigned char>(pending_[i]);
  }
  if (length > kLongestFrame) {
    return Fail(ErrorCode::kParse, "a frame of " + std::to_string(length) + " bytes (at most " +
                                       std::to_string(kLongestFrame) + ')');
  }
  if (pending_.size() - kHeader < length) return std::nullopt;
  std::string content = pending_.substr(kHeader, length);
  pending_.erase(0, kHeader + length);
  if (pending_.empty()) pending_.shrink_to_fit();  // a large answer is rare
  return content;
}

}  // namespace gpud::lanes
