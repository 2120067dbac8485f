// SPDX-License-Identifier: Apache-2.0
#include "sources/procfs/vmstat.h"

#include <unistd.h>

#include "platform/text.h"

namespace gpud::procfs {

Result<Vmstat> ParseVmstat(std::string_view text, std::uint64_t page_bytes) {
  Vmstat stat;
  bool any = false;
  for (std::string_view line; NextLine(text, line);) {
    const std::size_t blank = line.find(' ');
    if (blank == std::string_view::npos) continue;
    const std::string_view name = line.substr(0, blank);
    std::optional<std::uint64_t>* target = nullptr;
    std::uint64_t unit = 1;
    if (name == "pswpin") target = &stat.swap_in_bytes, unit = page_bytes;
    if (name == "pswpout") target = &stat.swap_out_bytes, unit = page_bytes;
    if (name == "pgmajfault") target = &stat.major_faults;
    if (name == "oom_kill") target = &stat.oom_kills;
    if (name == "pgscan_kswapd" || name == "pgscan_direct") target = &stat.scanned_pages;
    if (!target) continue;
    const auto value = ParseNumber<std::uint64_t>(Trim(line.substr(blank + 1)));
    if (!value) return Fail(ErrorCode::kParse, "/proc/vmstat: bad " + std::string(name));
    *target = target->value_or(0) + *value * unit;
    any = true;
  }
  if (!any) return Fail(ErrorCode::kParse, "/proc/vmstat: none of the wanted counters");
  return stat;
}

constinit const SourceType kVmstat{
    .name = "procfs/vmstat",
    .snapshot = &kSnapshot<Vmstat>,
    .read =
        [](const Host& host, Inputs& into) {
          into.Put<Vmstat>(host.root.Read("/proc/vmstat").and_then([](const std::string& text) {
            return ParseVmstat(text, static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)));
          }));
        },
};

}  // namespace gpud::procfs
