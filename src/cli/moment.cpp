// SPDX-License-Identifier: Apache-2.0
#include "cli/moment.h"

#include "platform/text.h"
#include "platform/time_text.h"

namespace gpud::cli {

Result<WallTime> ParseMoment(std::string_view text, WallTime now) {
  constexpr std::int64_t kMostDays = 36'500;
  if (text.ends_with('d')) {
    const auto days = ParseNumber<std::int64_t>(text.substr(0, text.size() - 1));
    if (days && *days >= 0 && *days <= kMostDays) return now - std::chrono::hours(24 * *days);
  } else if (const auto back = ParseDuration(text); back && back->count() >= 0) {
    return now - *back;
  } else if (const auto time = ParseRfc3339(text)) {
    return *time;
  }
  return Fail(ErrorCode::kParse, '"' + std::string(text) +
                                     "\" is not a time (back from now: 30m, 1h30m, 7d; or "
                                     "2026-03-01T08:00:00Z)");
}

}  // namespace gpud::cli
