// SPDX-License-Identifier: Apache-2.0
// Times and durations as text: RFC 3339 on the wire, Go's duration syntax in flags and parameters.
#pragma once

#include <string>
#include <string_view>

#include "platform/clock.h"
#include "platform/result.h"

namespace gpud {

/// "2026-03-01T08:00:00Z", whole seconds, UTC.
std::string Rfc3339Seconds(WallTime time);
/// As above with up to 6 fractional digits, trailing zeros dropped.
std::string Rfc3339Micros(WallTime time);
/// Reads RFC 3339 with any fraction and offset. Error: kParse.
Result<WallTime> ParseRfc3339(std::string_view text);

/// Go syntax: "30s", "1h30m", "1.5h", "-2m", "250ms", "0". Error: kParse.
Result<std::chrono::microseconds> ParseDuration(std::string_view text);
/// Go's own rendering: "1h30m0s", "5m0s", "1.5s", "0s".
std::string DurationText(std::chrono::microseconds duration);
/// For a person: "42 s", "5 min", "3 h", "2 days".
std::string AgeText(std::chrono::microseconds age);

}  // namespace gpud
