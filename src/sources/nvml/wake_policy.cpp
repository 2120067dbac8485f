// SPDX-License-Identifier: Apache-2.0
#include "sources/nvml/wake_policy.h"

namespace gpud::nvml {

Access Decide(const Situation& situation) {
  if (situation.used) return Access::kOpen;
  // Whether persistence is on, only NVML tells: it is asked once, unless that would be the first
  // use of a GPU.
  if (!situation.persistence) {
    return situation.uninitialised ? Access::kUntouched : Access::kOpen;
  }
  // An idle GPU without persistence loses its state with the last one who holds it open: not us.
  if (!*situation.persistence) return Access::kUntouched;
  if (situation.idle_for < kIdleUntilClosed) return Access::kOpen;
  return situation.since_glance >= kBetweenGlances ? Access::kGlance : Access::kIdle;
}

std::string_view AsleepText(Access access) {
  switch (access) {
    case Access::kOpen:
    case Access::kGlance:
      return "";
    case Access::kIdle:
      return "all GPUs idle: looked at once a minute";
    case Access::kUntouched:
      return "all GPUs idle, persistence off: to ask would wake them";
  }
  return "";
}

}  // namespace gpud::nvml
