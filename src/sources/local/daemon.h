// SPDX-License-Identifier: Apache-2.0
// A daemon of this machine that answers on a socket: does it run, and does it answer?
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sources/source.h"

namespace gpud::local {

struct Daemon {
  bool running = false;          ///< a process of that name is there
  std::int64_t age_seconds = 0;  ///< of the oldest such process
  /// Its version, or what it says of its health. It is not asked when it does not run, as the
  /// socket may start it.
  Result<std::string> answer = Fail(ErrorCode::kNotFound, "not asked, as it does not run");

  static constexpr auto Fields() {
    return std::tuple{Field{"running", &Daemon::running},
                      Field{"age_seconds", &Daemon::age_seconds}, Field{"answer", &Daemon::answer}};
  }
};

/// The age of the oldest process of this name (comm, at most 15 bytes); nothing when there is none.
/// Source: /proc/PID/stat, proc(5).
std::optional<std::int64_t> ProcessAgeSeconds(const Host& host, std::string_view name);

}  // namespace gpud::local
