// SPDX-License-Identifier: Apache-2.0
// The kernel's own view of how good its clock is, whichever daemon steers it.
#pragma once

#include "sources/source.h"

namespace gpud::host {

struct TimeSync {
  bool synchronised = false;  ///< a daemon steers the clock and has said so
  double offset_seconds = 0;  ///< what is still to be corrected
  double error_seconds = 0;   ///< how wrong the clock may be; grows while nobody steers it
  double frequency_ppm = 0;   ///< correction of the clock's speed

  static constexpr auto Fields() {
    using T = TimeSync;
    return std::tuple{
        Field{"synchronised", &T::synchronised}, Field{"offset_seconds", &T::offset_seconds},
        Field{"error_seconds", &T::error_seconds}, Field{"frequency_ppm", &T::frequency_ppm}};
  }
};

/// Error in place of the snapshot: kUnsupported where the root is not of this kernel (the call has
/// no file); of adjtimex(2), which needs no right to read.
extern const SourceType kTimeSync;

}  // namespace gpud::host
