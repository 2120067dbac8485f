// SPDX-License-Identifier: Apache-2.0
#include "sources/kmsg/syslog_line.h"

#include "sources/kmsg/stamp.h"

namespace gpud::kmsg {
namespace {

std::string_view TakeWord(std::string_view& rest) {
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  const std::string_view word = rest.substr(0, rest.find(' '));
  rest.remove_prefix(word.size());
  return word;
}

// "[12345.678901] " or, with few seconds, "[    1.000000] ".
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
  StampReader stamps(now);
  auto stamp = stamps.Iso(line);
  if (!stamp) stamp = stamps.MonthDay(line);
  if (!stamp) return Fail(ErrorCode::kParse, "syslog line without a time stamp");
  const WallTime time = std::chrono::floor<std::chrono::seconds>(stamp->time);
  std::string_view rest = line.substr(stamp->size);
  TakeWord(rest);  // the host
  if (TakeWord(rest) != "kernel:") {
    return Fail(ErrorCode::kUnsupported, "a line of another program");
  }
  if (!rest.empty()) rest.remove_prefix(1);
  DropKernelStamp(rest);
  return SyslogLine{.time = time, .text = rest};
}

}  // namespace gpud::kmsg
