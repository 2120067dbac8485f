// SPDX-License-Identifier: Apache-2.0
// The incidents of a log that somebody kept.
#pragma once

#include <functional>
#include <span>

#include "decode/incidents.h"
#include "decode/input.h"

namespace gpud::decode {

/// A log that has only the kernel's clock gives incidents that are as long after 1970 as the line
/// is after boot.
inline bool IsSinceBoot(WallTime time) {
  return time < WallTime(std::chrono::hours(24 * 365 * 20));  // no machine runs as long
}

/// Reads the input to its end. Each incident is told when nothing more can belong to it. Lines of
/// programs are not looked at; what a report shows twice counts once.
void DecodeInput(Input& input, std::span<const ComponentType* const> components,
                 Incidents::Options options, const std::function<void(const Incident&)>& tell);

}  // namespace gpud::decode
