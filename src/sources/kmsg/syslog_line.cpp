// SPDX-License-Identifier: Apache-2.0
#include "sources/kmsg/syslog_line.h"

#include <ctime>
#include <string>

#include "platform/text.h"
#include "platform/time_text.h"

namespace gpud::kmsg {
namespace {

std::string_view TakeWord(std::string_view& rest) {
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  const std::string_view word = rest.substr(0, rest.find(' '));
  rest.remove_prefix(word.size());
  return word;
}

std::optional<WallTime> OldStamp(std::string_view month, std::string_view day,
                                 std::string_view clock, WallTime now) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const std::size_t at = month.size() == 3 ? kMonths.find(month) : std::string_view::npos;
  const auto day_number = ParseNumber<int>(day);
  if (at == std::string_view::npos || at % 3 != 0 || !day_number || clock.size() != 8) {
    return std::nullopt;
  }
  const auto hour = ParseNumber<int>(clock.substr(0, 2));
  const auto minute = ParseNumber<int>(clock.substr(3, 2));
  const auto second = ParseNumber<int>(clock.substr(6, 2));
  if (!hour || !minute || !second) return std::nullopt;

  const std::time_t now_seconds = Seconds(now.time_since_epoch());
  std::tm local{};
  localtime_r(&now_seconds, &local);
  const int this_year = local.tm_year;
  // A day of grace: the other clock may be ahead, and zones differ.
  for (const int year : {this_year + 1, this_year, this_year - 1}) {
    std::tm stamp{};
    stamp.tm_year = year;
    stamp.tm_mon = static_cast<int>(at / 3);
    stamp.tm_mday = *day_number;
    stamp.tm_hour = *hour;
    stamp.tm_min = *minute;
    stamp.tm_sec = *second;
    stamp.tm_isdst = -1;
    const WallTime time{std::chrono::seconds(std::mktime(&stamp))};
    if (time <= now + std::chrono::hours(24)) return time;
  }
  return std::nullopt;
}

// "[12345.678901] " or, with many seconds, "[    1.000000] ".
void DropKernelStamp(std::string_view& text) {
  if (text.empty() || text.front() != '[') return;
  const std::size_t end = text.find(']');
  if (end == std::string_view::npos) return;
  const std::string_view inside = text.substr(1, end - 1);
  if (inside.find_first_not_of(" .0123456789") != std::string_view::npos) return;
  text.remove_prefix(end + 1);
  if (!text.empty() && text.front() == ' ') text.remove_prefix(1);
}

}  // namespace

Result<SyslogLine> ParseSyslogLine(std::string_view line, WallTime now) {
  std::string_view rest = line;
  const std::string_view first = TakeWord(rest);
  std::optional<WallTime> time;
  if (const auto stamp = ParseRfc3339(first)) {
    time = std::chrono::floor<std::chrono::seconds>(*stamp);
  } else {
    const std::string_view day = TakeWord(rest);
    time = OldStamp(first, day, TakeWord(rest), now);
  }
  if (!time) return Fail(ErrorCode::kParse, "syslog line without a time stamp");
  TakeWord(rest);  // the host
  if (TakeWord(rest) != "kernel:") {
    return Fail(ErrorCode::kUnsupported, "a line of another program");
  }
  if (!rest.empty()) rest.remove_prefix(1);
  DropKernelStamp(rest);
  return SyslogLine{.time = *time, .text = rest};
}

}  // namespace gpud::kmsg
