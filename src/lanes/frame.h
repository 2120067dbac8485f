// SPDX-License-Identifier: Apache-2.0
// Frames on a lane's socket: a length (u32, little-endian) and as many bytes, 4 MiB at most.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/fields.h"
#include "platform/clock.h"
#include "platform/result.h"

namespace gpud::lanes {

inline constexpr std::size_t kLongestFrame = 4 << 20;

struct Request {
  std::uint64_t id = 0;
  std::string source;

  static constexpr auto Fields() {
    return std::tuple{Field{"id", &Request::id}, Field{"source", &Request::source}};
  }
};

struct Answer {
  std::uint64_t id = 0;
  BootTime taken{};      ///< when the reading began
  std::string snapshot;  ///< SnapshotType::encode

  static constexpr auto Fields() {
    return std::tuple{Field{"id", &Answer::id}, Field{"taken", &Answer::taken},
                      Field{"snapshot", &Answer::snapshot}};
  }
};

/// The bytes of a frame with `message` (a Request or an Answer) in it.
std::string Frame(const Request& message);
std::string Frame(const Answer& message);

/// Cuts frames out of bytes that come in pieces from an end that may be insane.
class FrameReader {
 public:
  void Add(std::string_view bytes) { pending_ += bytes; }
  /// The next whole frame's content, or nothing yet. Error: kParse, the other end speaks no frames.
  Result<std::optional<std::string>> Next();

 private:
  std::string pending_;
};

/// Error: kParse.
Result<Request> ParseRequest(std::string_view content);
Result<Answer> ParseAnswer(std::string_view content);

/// Room of an answer besides its snapshot.
inline constexpr std::size_t kAnswerOverhead = 8 + 8 + 4;

}  // namespace gpud::lanes
