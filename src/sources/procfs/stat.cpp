// SPDX-License-Identifier: Apache-2.0
#include "sources/procfs/stat.h"

#include "platform/text.h"

namespace gpud::procfs {
namespace {

// USER_HZ, in which the kernel tells times to user space: 100 on every architecture that we build
// for, whatever HZ the kernel runs at (Documentation/filesystems/proc.rst, 1.7).
constexpr double kTicksPerSecond = 100.0;

/// The columns after the name. Kernels add columns at the end: those that are missing stay zero,
/// as the state does not exist there; four (up to idle) have always been there.
std::optional<CpuTimes> ParseTimes(std::string_view columns) {
  CpuTimes times;
  double* const kColumns[] = {&times.user,   &times.nice,      &times.system,  &times.idle,
                              &times.iowait, &times.irq,       &times.softirq, &times.steal,
                              &times.guest,  &times.guest_nice};
  std::size_t n = 0;
  while (n < std::size(kColumns) && !columns.empty()) {
    columns.remove_prefix(std::min(columns.find_first_not_of(' '), columns.size()));
    if (columns.empty()) break;
    const std::string_view word = columns.substr(0, columns.find(' '));
    const auto ticks = ParseNumber<std::uint64_t>(word);
    if (!ticks) return std::nullopt;
    *kColumns[n++] = static_cast<double>(*ticks) / kTicksPerSecond;
    columns.remove_prefix(word.size());
  }
  if (n < 4) return std::nullopt;
  return times;
}

}  // namespace

Result<Stat> ParseStat(std::string_view text) {
  Stat stat;
  bool has_total = false, has_boot_time = false;
  for (std::string_view line; NextLine(text, line);) {
    const std::size_t blank = line.find(' ');
    if (blank == std::string_view::npos) continue;
    const std::string_view name = line.substr(0, blank);
    const std::string_view value = Trim(line.substr(blank + 1));
    if (name.starts_with("cpu")) {
      const auto times = ParseTimes(value);
      if (!times) return Fail(ErrorCode::kParse, "/proc/stat: bad line " + std::string(name));
      if (name == "cpu") {
        stat.total = *times;
        has_total = true;
      } else if (const auto cpu = ParseNumber<std::uint32_t>(name.substr(3))) {
        stat.cores.push_back({*cpu, times->Busy(), times->Total()});
      }
      continue;
    }
    std::uint64_t* target = nullptr;
    if (name == "ctxt") target = &stat.context_switches;
    if (name == "processes") target = &stat.forks;
    if (name == "procs_running") target = &stat.running;
    if (name == "procs_blocked") target = &stat.blocked_on_io;
    if (target) *target = ParseNumber<std::uint64_t>(value).value_or(0);
    if (name == "btime") {
      const auto seconds = ParseNumber<std::int64_t>(value);
      stat.boot_time_seconds = seconds.value_or(0);
      has_boot_time = seconds.has_value();
    }
  }
  if (!has_total) return Fail(ErrorCode::kParse, "/proc/stat: no line \"cpu\"");
  if (!has_boot_time) return Fail(ErrorCode::kParse, "/proc/stat: no line \"btime\"");
  return stat;
}

constinit const SourceType kStat{
    .name = "procfs/stat",
    .snapshot = &kSnapshot<Stat>,
    .read =
        [](const Host& host, Inputs& into) {
          into.Put<Stat>(host.root.Read("/proc/stat", 4 << 20).and_then(ParseStat));
        },
};

}  // namespace gpud::procfs
