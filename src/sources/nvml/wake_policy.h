// SPDX-License-Identifier: Apache-2.0
// When NVML may be opened: never so that a GPU wakes or stays awake for our sake.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace gpud::nvml {

struct Situation {
  bool used = false;                ///< a process holds a GPU, runs on one, or one is busy
  std::optional<bool> persistence;  ///< on for all GPUs, as last read; nothing: never read
  bool uninitialised = false;       ///< the kernel's module says that nobody has used a GPU yet
  std::chrono::microseconds idle_for{};      ///< since it was last used, or first opened
  std::chrono::microseconds since_glance{};  ///< since it was last opened for one reading
};

enum class Access : unsigned char {
  kOpen,       ///< open, and stay open
  kGlance,     ///< open for one reading, then close
  kIdle,       ///< stay closed until the next glance
  kUntouched,  ///< stay closed until a process uses a GPU: to ask would wake it
};

inline constexpr std::chrono::seconds kIdleUntilClosed{60};
inline constexpr std::chrono::seconds kBetweenGlances{60};

Access Decide(const Situation& situation);

/// For Session::asleep; empty when it is not.
std::string_view AsleepText(Access access);

}  // namespace gpud::nvml
