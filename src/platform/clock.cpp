// SPDX-License-Identifier: Apache-2.0
#include "platform/clock.h"

#include <ctime>

namespace gpud {
namespace {

std::chrono::microseconds Read(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::duration_cast<std::chrono::microseconds>(
                                                std::chrono::nanoseconds(now.tv_nsec));
}

}  // namespace

WallTime SystemClock::Wall() const { return WallTime(Read(CLOCK_REALTIME)); }
BootTime SystemClock::Boot() const { return BootTime(Read(CLOCK_BOOTTIME)); }

}  // namespace gpud
