// SPDX-License-Identifier: Apache-2.0
#include "platform/time_text.h"

#include <array>
#include <cmath>
#include <cstdio>

#include "platform/text.h"

namespace gpud {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

std::string Format(WallTime time, bool micros) {
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 64> buffer;
  int n = std::snprintf(buffer.data(), buffer.size(), "%04d-%02u-%02uT%02d:%02d:%02d",
                        static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                        static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                        static_cast<int>(clock.minutes().count()),
                        static_cast<int>(clock.seconds().count()));
  std::string text(buffer.data(), static_cast<std::size_t>(n));
  const auto fraction = clock.subseconds().count();
  if (micros && fraction != 0) {
    n = std::snprintf(buffer.data(), buffer.size(), ".%06d", static_cast<int>(fraction));
    text.append(buffer.data(), static_cast<std::size_t>(n));
    while (text.back() == '0') text.pop_back();
  }
  return text + "Z";
}

tl::unexpected<Error> BadTime(std::string_view text) {
  return Fail(ErrorCode::kParse,
              "\"" + std::string(text) + "\" is no RFC 3339 time (as 2026-03-01T08:00:00Z)");
}

struct Unit {
  std::string_view name;
  double micros;
};
// Longer names first, so that "ms" is not read as "m".
constexpr std::array<Unit, 8> kUnits = {{{"ns", 1e-3},
                                         {"us", 1},
                                         {"\xC2\xB5s", 1},
                                         {"ms", 1e3},
                                         {"s", 1e6},
                                         {"m", 60e6},
                                         {"h", 3600e6},
                                         {"d", 86400e6}}};  // "d" is ours, not Go's

}  // namespace

std::string Rfc3339Seconds(WallTime time) {
  return Format(std::chrono::floor<seconds>(time), false);
}
std::string Rfc3339Micros(WallTime time) { return Format(time, true); }

Result<WallTime> ParseRfc3339(std::string_view text) {
  const auto number = [&](std::size_t at, std::size_t n) -> std::optional<int> {
    return text.size() < at + n ? std::nullopt : ParseNumber<int>(text.substr(at, n));
  };
  const auto year = number(0, 4), month = number(5, 2), day = number(8, 2), hour = number(11, 2),
             minute = number(14, 2), second = number(17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return BadTime(text);
  if (text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't') || text[13] != ':' ||
      text[16] != ':') {
    return BadTime(text);
  }
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour < 0 || *hour > 23 || *minute < 0 || *minute > 59 || *second < 0 ||
      *second > 60) {
    return BadTime(text);
  }
  WallTime time = std::chrono::sys_days(date) + hours(*hour) + minutes(*minute) + seconds(*second);
  std::string_view rest = text.substr(19);
  if (!rest.empty() && rest.front() == '.') {
    std::int64_t scale = 100'000, digits = 0;
    for (rest.remove_prefix(1); !rest.empty() && rest.front() >= '0' && rest.front() <= '9';
         rest.remove_prefix(1), scale /= 10, ++digits) {
      time += microseconds((rest.front() - '0') * scale);
    }
    if (digits == 0) return BadTime(text);
  }
  const auto writable = [&](WallTime moment) -> Result<WallTime> {  // has four digits of a year
    const std::chrono::year_month_day shown(std::chrono::floor<days>(moment));
    if (shown.year() < std::chrono::year(0) || shown.year() > std::chrono::year(9999)) {
      return BadTime(text);
    }
    return moment;
  };
  if (rest == "Z" || rest == "z") return writable(time);
  if (rest.size() != 6 || (rest[0] != '+' && rest[0] != '-') || rest[3] != ':') {
    return BadTime(text);
  }
  const auto offset_hours = ParseNumber<int>(rest.substr(1, 2));
  const auto offset_minutes = ParseNumber<int>(rest.substr(4, 2));
  if (!offset_hours || !offset_minutes || *offset_hours < 0 || *offset_minutes < 0) {
    return BadTime(text);
  }
  const auto offset = hours(*offset_hours) + minutes(*offset_minutes);
  return writable(rest[0] == '+' ? time - offset : time + offset);
}

Result<microseconds> ParseDuration(std::string_view text) {
  const auto bad = [&] {
    return Fail(ErrorCode::kParse,
                "\"" + std::string(text) + "\" is no duration (write it as 30s, 10m or 1h30m)");
  };
  std::string_view rest = Trim(text);
  const bool negative = !rest.empty() && rest.front() == '-';
  if (!rest.empty() && (rest.front() == '-' || rest.front() == '+')) rest.remove_prefix(1);
  if (rest == "0") return microseconds(0);
  if (rest.empty()) return bad();
  double total = 0;
  while (!rest.empty()) {
    const std::size_t digits = std::min(rest.find_first_not_of("0123456789."), rest.size());
    const auto value = ParseNumber<double>(rest.substr(0, digits));
    if (!value) return bad();
    rest.remove_prefix(digits);
    const Unit* unit = nullptr;
    for (const Unit& candidate : kUnits) {
      if (rest.starts_with(candidate.name)) {
        unit = &candidate;
        break;
      }
    }
    if (!unit) return bad();
    rest.remove_prefix(unit->name.size());
    total += *value * unit->micros;
  }
  constexpr double kMaxMicros = 9.2e18;  // what fits into 64 bits
  if (total > kMaxMicros) return bad();
  return microseconds(std::llround(negative ? -total : total));
}

std::string DurationText(microseconds duration) {
  if (duration.count() == 0) return "0s";
  std::string text = duration.count() < 0 ? "-" : "";
  const auto micros =
      static_cast<std::uint64_t>(duration.count() < 0 ? -duration.count() : duration.count());
  if (micros < 1'000) return text + std::to_string(micros) + "\xC2\xB5s";
  if (micros < 1'000'000) return text + NumberText(static_cast<double>(micros) / 1e3) + "ms";
  const std::uint64_t whole_minutes = micros / 60'000'000;
  if (whole_minutes >= 60) text += std::to_string(whole_minutes / 60) + "h";
  if (whole_minutes > 0) text += std::to_string(whole_minutes % 60) + "m";
  return text + NumberText(static_cast<double>(micros % 60'000'000) / 1e6) + "s";
}

std::string AgeText(microseconds age) {
  const std::int64_t s = Seconds(age);
  if (s < 120) return std::to_string(s) + " s";
  if (s < 7200) return std::to_string(s / 60) + " min";
  if (s < 172800) return std::to_string(s / 3600) + " h";
  return std::to_string(s / 86400) + " days";
}

}  // namespace gpud
