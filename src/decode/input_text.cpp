// SPDX-License-Identifier: Apache-2.0
#include "decode/input_text.h"

#include <algorithm>
#include <iterator>

#include "platform/text.h"

namespace gpud::decode {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

bool Take(std::string_view& rest, char c) {
  const bool there = rest.starts_with(c);
  if (there) rest.remove_prefix(1);
  return there;
}

// The next word and the blank behind it; empty when there is no blank.
std::string_view TakeWord(std::string_view& rest) {
  const std::size_t end = rest.find(' ');
  if (end == kNone) return {};
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return word;
}

// "<4>", severity and facility in one number.
bool TakePriority(std::string_view& rest, InputLine& into) {
  constexpr std::size_t kMostDigits = 3;
  const std::size_t end = rest.substr(0, kMostDigits + 2).find('>');
  if (!rest.starts_with('<') || end == kNone) return false;
  const auto number = ParseNumber<unsigned>(rest.substr(1, end - 1));
  if (!number) return false;
  into.severity = *number & 7;
  into.facility = *number >> 3;
  rest.remove_prefix(end + 1);
  return true;
}

// "kern  :err   : ", as dmesg -x.
bool TakeLevelWords(std::string_view& rest, InputLine& into) {
  constexpr std::size_t kWidth = 6;
  constexpr std::size_t kSize = 2 * (kWidth + 1) + 1;
  if (rest.size() < kSize || rest[kWidth] != ':' || rest.substr(kSize - 2, 2) != ": ") return false;
  const auto facility = FacilityByName(Trim(rest.substr(0, kWidth)));
  const auto level = LevelByName(Trim(rest.substr(kWidth + 1, kWidth)));
  if (!facility || !level) return false;
  into.facility = facility;
  into.severity = level;
  rest.remove_prefix(kSize);
  return true;
}

// "[ T1234] ", with CONFIG_PRINTK_CALLER; a blank may stand before it.
void TakeCaller(std::string_view& rest) {
  std::string_view after = rest;
  Take(after, ' ');
  const std::size_t end = after.substr(0, 16).find(']');
  if (!Take(after, '[') || end == kNone) return;
  std::string_view inside = Trim(after.substr(0, end - 1));
  if (!Take(inside, 'T') && !Take(inside, 'C')) return;
  if (!ParseNumber<unsigned>(inside)) return;
  after.remove_prefix(end);
  rest = after;
}

// "[12345.678901] " inside of a line of syslog.
void TakeKernelStamp(std::string_view& rest, InputLine& into) {
  constexpr std::size_t kMostWide = 24;
  const std::size_t end = rest.substr(0, kMostWide).find(']');
  if (!rest.starts_with('[') || end == kNone) return;
  const auto time = kmsg::ParseKernelSeconds(rest.substr(1, end - 1));
  if (!time) return;
  into.since_boot = time;
  rest.remove_prefix(end + 1);
  TakeCaller(rest);
  Take(rest, ' ');
}

// "host kernel: [12345.678901] "; the host may be missing (journalctl --no-hostname).
bool TakeHostAndTag(std::string_view& rest, InputLine& into) {
  std::string_view after = rest;
  std::string_view tag = TakeWord(after);
  if (!tag.ends_with(':')) {
    while (Take(after, ' ')) {
    }
    // An empty message has no blank behind the tag.
    const std::size_t end = std::min(after.find(' '), after.size());
    tag = after.substr(0, end);
    after.remove_prefix(std::min(end + 1, after.size()));
  }
  if (tag.size() < 2 || !tag.ends_with(':')) return false;
  into.from_program = tag != "kernel:";
  rest = after;
  TakeKernelStamp(rest, into);
  return true;
}

// RFC 5424's "[id key="value"]..." or "-".
void TakeStructuredData(std::string_view& rest) {
  if (Take(rest, '-')) return;
  while (rest.starts_with('[')) {
    std::size_t end = 1;
    while (end < rest.size() && rest[end] != ']') end += rest[end] == '\\' ? 2 : 1;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

template <std::size_t N>
std::optional<unsigned> IndexOf(const std::string_view (&names)[N], std::string_view name) {
  const auto found = std::find(std::begin(names), std::end(names), name);
  if (found == std::end(names)) return std::nullopt;
  return static_cast<unsigned>(found - std::begin(names));
}

}  // namespace

std::optional<unsigned> LevelByName(std::string_view name) {
  constexpr std::string_view kNames[] = {"emerg", "alert",  "crit", "err",
                                         "warn",  "notice", "info", "debug"};
  return IndexOf(kNames, name);
}

std::optional<unsigned> FacilityByName(std::string_view name) {
  constexpr std::string_view kNames[] = {
      "kern",   "user",   "mail",     "daemon", "auth",   "syslog", "lpr",    "news",
      "uucp",   "cron",   "authpriv", "ftp",    "res0",   "res1",   "res2",   "res3",
      "local0", "local1", "local2",   "local3", "local4", "local5", "local6", "local7"};
  return IndexOf(kNames, name);
}

bool TextForms::Read(std::string_view line, InputLine& into) {
  std::string_view rest = line;
  const bool priority = TakePriority(rest, into);
  if (priority && rest.starts_with("1 ") && ReadRfc5424(rest, into)) {
    into.text = rest;
    return true;
  }
  const bool levels = !priority && TakeLevelWords(rest, into);
  const bool stamped = ReadStamped(rest, into);
  if (!stamped && !priority && !levels) return false;
  if (into.wall) last_wall_ = into.wall;
  into.text = rest;
  return true;
}

bool TextForms::ReadStamped(std::string_view& rest, InputLine& into) {
  if (rest.starts_with('[')) return ReadBracket(rest, into);
  return ReadWallStamp(rest, into);
}

bool TextForms::ReadBracket(std::string_view& rest, InputLine& into) {
  constexpr std::size_t kMostWide = 64;
  const std::size_t end = rest.substr(0, kMostWide).find(']');
  if (end == kNone) return false;
  std::string_view inside = rest.substr(1, end - 1);
  if (inside.ends_with('>')) {  // the difference to the line before, as with dmesg -d
    inside = inside.substr(0, inside.find('<'));
    while (inside.ends_with(' ')) inside.remove_suffix(1);
  }
  const std::string_view difference = Trim(inside);
  if (const auto time = kmsg::ParseKernelSeconds(inside)) {
    into.since_boot = time;
  } else if (difference.starts_with('+')) {
    const auto since_last = kmsg::ParseKernelSeconds(difference.substr(1));
    if (!since_last) return false;
    if (last_wall_) into.wall = *last_wall_ + *since_last;
  } else if (const auto stamp = stamps_.Ctime(inside); stamp && stamp->size == inside.size()) {
    into.wall = stamp->time;
  } else if (const auto minute = stamps_.MonthMinute(inside);
             minute && minute->size == inside.size()) {
    into.wall = minute->time;
  } else {
    return false;
  }
  rest.remove_prefix(end + 1);
  TakeCaller(rest);
  Take(rest, ' ');
  if (!into.since_boot) return true;

  // journalctl -o short-monotonic has the host next. Its lines of programs look like any text until
  // a line of the kernel has told the host's name.
  std::string_view after = rest;
  const std::string_view host = TakeWord(after);
  if (host.empty() || host.ends_with(':')) return true;
  if (after.starts_with("kernel: ")) journal_host_ = host;
  if (host == journal_host_) TakeHostAndTag(rest, into);
  return true;
}

bool TextForms::ReadWallStamp(std::string_view& rest, InputLine& into) {
  if (rest.size() < 16) return false;
  std::string_view after = rest;
  std::optional<kmsg::Stamp> stamp;
  bool dmesg = false;
  if (rest[3] == ' ' && rest[8] == '-') {  // "Tue 2026-11-24 21:47:39 UTC host kernel: "
    after.remove_prefix(4);
    stamp = stamps_.Iso(after);
    if (!stamp) return false;
    const std::string time(after.substr(0, stamp->size));
    after.remove_prefix(std::min(stamp->size + 1, after.size()));
    if (TakeWord(after) == "UTC") stamp = stamps_.Iso(time + 'Z');
  } else {
    if (rest[3] == ' ') {
      stamp = stamps_.MonthDay(rest);
    } else if (rest[4] == '-' && rest[10] != ' ') {
      stamp = stamps_.Iso(rest);
      dmesg = stamp && rest[19] == ',';  // neither host nor tag
    } else if (rest[10] == '.') {        // seconds since 1970, as journalctl -o short-unix
      const std::size_t end = std::min(rest.find(' '), rest.size());
      const auto time = kmsg::ParseKernelSeconds(rest.substr(0, end));
      if (time) stamp = kmsg::Stamp{.time = WallTime(*time), .size = end};
    }
    if (!stamp) return false;
    after.remove_prefix(stamp->size);
    if (!Take(after, ' ')) return false;
  }
  if (dmesg) {
    TakeCaller(after);
  } else if (!TakeHostAndTag(after, into)) {
    return false;
  }
  into.wall = stamp->time;
  rest = after;
  return true;
}

// "1 2026-11-24T21:47:39.123456+00:00 host kernel - - - text", behind the priority.
bool TextForms::ReadRfc5424(std::string_view& rest, InputLine& into) {
  std::string_view after = rest.substr(2);
  const std::string_view time = TakeWord(after);
  const auto stamp = stamps_.Iso(time);
  if (!stamp && time != "-") return false;
  TakeWord(after);  // the host
  const std::string_view program = TakeWord(after);
  TakeWord(after);  // the process
  TakeWord(after);  // the kind of message
  if (program.empty()) return false;
  TakeStructuredData(after);
  Take(after, ' ');
  if (after.starts_with("\xEF\xBB\xBF")) after.remove_prefix(3);
  if (stamp) into.wall = stamp->time;
  into.from_program = program != "kernel";
  TakeKernelStamp(after, into);
  rest = after;
  return true;
}

}  // namespace gpud::decode
