// SPDX-License-Identifier: Apache-2.0
// A time as a person writes it behind --since and --until.
#pragma once

#include <string_view>

#include "platform/clock.h"
#include "platform/result.h"

namespace gpud::cli {

/// Back from now ("30m", "1h30m", "7d"), or RFC 3339 ("2026-03-01T08:00:00Z"). Error: kParse.
Result<WallTime> ParseMoment(std::string_view text, WallTime now);

}  // namespace gpud::cli
