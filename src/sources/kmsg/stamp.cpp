// SPDX-License-Identifier: Apache-2.0
#include "sources/kmsg/stamp.h"

#include <ctime>
#include <initializer_list>

#include "platform/text.h"

namespace gpud::kmsg {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// A field of fixed width, where a blank may stand for a leading zero; -1 when it is none.
int FieldAt(std::string_view text, std::size_t at, std::size_t width) {
  int value = 0;
  for (std::size_t i = at; i < at + width; ++i) {
    if (i < text.size() && i == at && text[i] == ' ') continue;
    if (i >= text.size() || !IsDigit(text[i])) return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

// -1, or 0 .. 11.
int MonthAt(std::string_view text, std::size_t at) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() < at + 3) return -1;
  const std::size_t found = kMonths.find(text.substr(at, 3));
  return found == std::string_view::npos || found % 3 != 0 ? -1 : static_cast<int>(found / 3);
}

bool InRange(int value, int least, int most) { return value >= least && value <= most; }

struct DayClock {
  int hour = 0, minute = 0, second = 0;
};
std::optional<DayClock> ClockAt(std::string_view text, std::size_t at) {
  if (text.size() < at + 8 || text[at + 2] != ':' || text[at + 5] != ':') return std::nullopt;
  const DayClock clock{FieldAt(text, at, 2), FieldAt(text, at + 3, 2), FieldAt(text, at + 6, 2)};
  if (!InRange(clock.hour, 0, 23) || !InRange(clock.minute, 0, 59) ||
      !InRange(clock.second, 0, 60)) {
    return std::nullopt;
  }
  return clock;
}

// Takes a fraction at stamp.size, if there is one; digits below a microsecond are dropped.
void TakeFraction(std::string_view text, Stamp& stamp) {
  const std::size_t at = stamp.size;
  if (text.size() < at + 2 || (text[at] != '.' && text[at] != ',') || !IsDigit(text[at + 1])) {
    return;
  }
  std::int64_t scale = 100'000;
  for (++stamp.size; stamp.size < text.size() && IsDigit(text[stamp.size]); ++stamp.size) {
    stamp.time += microseconds((text[stamp.size] - '0') * scale);
    scale /= 10;
  }
}

// The offset from UTC at stamp.size; takes it.
std::optional<minutes> TakeOffset(std::string_view text, Stamp& stamp) {
  if (stamp.size >= text.size()) return std::nullopt;
  const char sign = text[stamp.size];
  if (sign == 'Z' || sign == 'z') {
    ++stamp.size;
    return minutes(0);
  }
  if (sign != '+' && sign != '-') return std::nullopt;
  const int hour = FieldAt(text, stamp.size + 1, 2);
  const bool colon = text.size() > stamp.size + 3 && text[stamp.size + 3] == ':';
  const int minute = FieldAt(text, stamp.size + (colon ? 4 : 3), 2);
  if (!InRange(hour, 0, 23) || !InRange(minute, 0, 59)) return std::nullopt;
  stamp.size += colon ? 6 : 5;
  const minutes offset = hours(hour) + minutes(minute);
  return sign == '+' ? offset : -offset;
}

}  // namespace

std::optional<microseconds> ParseKernelSeconds(std::string_view text) {
  constexpr std::size_t kMostDigits = 12;  // far from where microseconds overflow
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos || point > kMostDigits || text.size() != point + 7) {
    return std::nullopt;
  }
  const auto whole = ParseNumber<std::int64_t>(text.substr(0, point));
  const auto fraction = ParseNumber<std::int64_t>(text.substr(point + 1));
  if (!whole || !fraction || *whole < 0 || *fraction < 0) return std::nullopt;
  return seconds(*whole) + microseconds(*fraction);
}

WallTime StampReader::LocalMinute(int year, int month, int day, int hour, int minute) {
  const std::int64_t key =
      (((std::int64_t{year} * 12 + month) * 32 + day) * 24 + hour) * 60 + minute;
  if (key == known_minute_) return known_time_;
  const auto in_year = [&](int tm_year) {
    std::tm local{};
    local.tm_year = tm_year;
    local.tm_mon = month;
    local.tm_mday = day;
    local.tm_hour = hour;
    local.tm_min = minute;
    local.tm_isdst = -1;
    return WallTime{seconds(std::mktime(&local))};
  };
  WallTime time{};
  if (year != 0) {
    time = in_year(year - 1900);
  } else {
    const std::time_t now_seconds = Seconds(now_.time_since_epoch());
    std::tm now{};
    localtime_r(&now_seconds, &now);
    for (const int candidate : {now.tm_year + 1, now.tm_year, now.tm_year - 1}) {
      time = in_year(candidate);
      if (time <= now_ + hours(24)) break;
    }
  }
  known_minute_ = key;
  known_time_ = time;
  return time;
}

std::optional<Stamp> StampReader::MonthDay(std::string_view text) {
  const int month = MonthAt(text, 0);
  if (month < 0 || text.size() < 15 || text[3] != ' ' || text[6] != ' ') return std::nullopt;
  const int day = FieldAt(text, 4, 2);
  const auto clock = ClockAt(text, 7);
  if (!InRange(day, 1, 31) || !clock) return std::nullopt;
  Stamp stamp{
      .time = LocalMinute(0, month, day, clock->hour, clock->minute) + seconds(clock->second),
      .size = 15};
  TakeFraction(text, stamp);
  return stamp;
}

std::optional<Stamp> StampReader::Ctime(std::string_view text) {
  constexpr std::size_t kSize = 24;
  const int month = MonthAt(text, 4);
  if (month < 0 || text.size() < kSize || text[3] != ' ' || text[10] != ' ' || text[19] != ' ') {
    return std::nullopt;
  }
  const int day = FieldAt(text, 8, 2);
  const int year = FieldAt(text, 20, 4);
  const auto clock = ClockAt(text, 11);
  if (!InRange(day, 1, 31) || !clock || year < 1970) return std::nullopt;
  return Stamp{
      .time = LocalMinute(year, month, day, clock->hour, clock->minute) + seconds(clock->second),
      .size = kSize};
}

std::optional<Stamp> StampReader::MonthMinute(std::string_view text) {
  constexpr std::size_t kSize = 11;
  const int month = MonthAt(text, 0);
  if (month < 0 || text.size() < kSize || text[5] != ' ' || text[8] != ':') return std::nullopt;
  const int day = FieldAt(text, 3, 2);
  const int hour = FieldAt(text, 6, 2);
  const int minute = FieldAt(text, 9, 2);
  if (!InRange(day, 1, 31) || !InRange(hour, 0, 23) || !InRange(minute, 0, 59)) {
    return std::nullopt;
  }
  return Stamp{.time = LocalMinute(0, month, day, hour, minute), .size = kSize};
}

std::optional<Stamp> StampReader::Iso(std::string_view text) {
  const int year = FieldAt(text, 0, 4);
  const int month = FieldAt(text, 5, 2);
  const int day = FieldAt(text, 8, 2);
  const auto clock = ClockAt(text, 11);
  if (year < 1970 || !clock || text[4] != '-' || text[7] != '-' ||
      (text[10] != 'T' && text[10] != 't' && text[10] != ' ')) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  Stamp stamp{.time = std::chrono::sys_days(date) + hours(clock->hour) + minutes(clock->minute) +
                      seconds(clock->second),
              .size = 19};
  TakeFraction(text, stamp);
  if (const auto offset = TakeOffset(text, stamp)) {
    stamp.time -= *offset;
  } else {
    const auto into_minute = stamp.time - std::chrono::floor<minutes>(stamp.time);
    stamp.time = LocalMinute(year, month - 1, day, clock->hour, clock->minute) + into_minute;
  }
  return stamp;
}

}  // namespace gpud::kmsg
