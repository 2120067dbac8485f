// SPDX-License-Identifier: Apache-2.0
#include "sources/local/daemon.h"

#include <algorithm>

#include "platform/text.h"

namespace gpud::local {
namespace {

constexpr std::int64_t kTicksPerSecond = 100;  // USER_HZ, on all that gpud runs on

/// When a process of that name was started, in ticks since boot; nothing when it has another one.
std::optional<std::int64_t> StartTicks(std::string_view stat, std::string_view name) {
  const std::size_t open = stat.find('('), close = stat.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open ||
      stat.substr(open + 1, close - open - 1) != name) {
    return std::nullopt;
  }
  constexpr std::size_t kStartTime = 19;  // field 22; the fields behind the name begin with 3
  const auto fields = SplitBlanks(stat.substr(close + 1));
  return fields.size() > kStartTime ? ParseNumber<std::int64_t>(fields[kStartTime]) : std::nullopt;
}

}  // namespace

std::optional<std::int64_t> ProcessAgeSeconds(const Host& host, std::string_view name) {
  const auto entries = host.root.List("/proc");
  if (!entries) return std::nullopt;
  std::optional<std::int64_t> oldest;
  for (const std::string& entry : *entries) {
    if (entry.front() < '0' || entry.front() > '9') continue;
    const auto stat = host.root.Read("/proc/" + entry + "/stat");
    const auto start = stat ? StartTicks(*stat, name) : std::nullopt;
    if (start) oldest = std::min(oldest.value_or(*start), *start);
  }
  if (!oldest) return std::nullopt;
  const auto uptime =
      std::chrono::duration_cast<std::chrono::seconds>(host.clock.Boot().time_since_epoch());
  return std::max<std::int64_t>(0, uptime.count() - *oldest / kTicksPerSecond);
}

}  // namespace gpud::local
