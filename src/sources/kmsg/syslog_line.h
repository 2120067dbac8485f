// SPDX-License-Identifier: Apache-2.0
// A line of the syslog's kernel file (/var/log/kern.log, /var/log/messages), the second best to
// /dev/kmsg: its time has whole seconds and, in the old form, no year and no zone.
#pragma once

#include <string_view>

#include "platform/clock.h"
#include "platform/result.h"

namespace gpud::kmsg {

struct SyslogLine {
  WallTime time{};
  std::string_view text;  ///< of the line given, without stamp, host, tag and "[12345.678901] "
};

/// Reads "Nov 24 21:47:39 host kernel: [12345.678901] text" (RFC 3164, local time, the year such
/// that the line is not from the future) and "2026-11-24T21:47:39.5+01:00 host kernel: text".
/// Errors: kUnsupported for a line of another program, kParse when it has neither form.
Result<SyslogLine> ParseSyslogLine(std::string_view line, WallTime now);

}  // namespace gpud::kmsg
