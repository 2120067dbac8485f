// SPDX-License-Identifier: Apache-2.0
#include "sources/procfs/processes.h"

#include <dirent.h>
#include <fcntl.h>

#include <array>
#include <cerrno>
#include <memory>

#include "platform/text.h"

namespace gpud::procfs {
namespace {

constexpr std::size_t kMostZombies = 64, kMostBlocked = 256;

/// Reads the start of PID/FILE below /proc into `buffer`; empty when the process is gone or does
/// not let us. Fixed buffers, as this runs thousands of times a pass.
std::string_view ReadFile(int proc, const char* pid, const char* file, std::span<char> buffer) {
  std::array<char, 64> path;
  const int n = std::snprintf(path.data(), path.size(), "%s/%s", pid, file);
  if (n < 0 || static_cast<std::size_t>(n) >= path.size()) return {};
  const UniqueFd fd(::openat(proc, path.data(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd.valid()) return {};
  const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
  return got > 0 ? std::string_view(buffer.data(), static_cast<std::size_t>(got))
                 : std::string_view();
}

/// Both kinds of context switches in /proc/PID/status.
std::optional<std::uint64_t> Switches(std::string_view status) {
  std::uint64_t sum = 0;
  int found = 0;
  for (std::string_view line; NextLine(status, line);) {
    if (line.find("voluntary_ctxt_switches:") == std::string_view::npos) continue;
    const auto count = ParseNumber<std::uint64_t>(Trim(line.substr(line.find(':') + 1)));
    if (!count) return std::nullopt;
    sum += *count;
    ++found;
  }
  return found == 2 ? std::optional(sum) : std::nullopt;
}

BlockedProcess Describe(int proc, const char* pid, const ProcessStat& stat) {
  BlockedProcess process{.pid = stat.pid,
                         .name = ValidUtf8(stat.name),
                         .start_ticks = stat.start_ticks,
                         .cpu_ticks = stat.cpu_ticks};
  std::array<char, 4096> buffer;
  process.switches = Switches(ReadFile(proc, pid, "status", buffer));
  process.wait_channel = ValidUtf8(Trim(ReadFile(proc, pid, "wchan", buffer)));
  if (process.wait_channel == "0") process.wait_channel.clear();  // not allowed to know
  return process;
}

void Count(const ProcessStat& stat, int proc, const char* pid, Processes& all) {
  ++all.total;
  switch (stat.state) {
    case 'R':
      ++all.running;
      break;
    case 'S':
      ++all.sleeping;
      break;
    case 'I':
      ++all.idle;
      break;
    case 'T':
    case 't':
      ++all.stopped;
      break;
    case 'Z':
      ++all.zombie;
      if (all.zombies.size() < kMostZombies) {
        all.zombies.push_back({stat.pid, stat.parent, ValidUtf8(stat.name)});
      }
      break;
    case 'D':
      ++all.blocked;
      if (all.blocked_processes.size() < kMostBlocked) {
        all.blocked_processes.push_back(Describe(proc, pid, stat));
      }
      break;
    default:  // X and letters that kernels to come may use: in the total only
      break;
  }
}

void CountDaemon(const ProcessStat& stat, Processes& all) {
  constexpr std::size_t kMostDaemons = 64;
  constexpr std::uint32_t kKernelThreads = 2;  // the pid of their parent
  const bool nvidia = stat.name.starts_with("nvidia-") || stat.name.starts_with("nv-");
  if (!nvidia || stat.parent == kKernelThreads || stat.state == 'Z' ||
      all.nvidia_daemons.size() >= kMostDaemons) {
    return;
  }
  all.nvidia_daemons.push_back({stat.pid, ValidUtf8(stat.name)});
}

struct CloseDir {
  void operator()(DIR* dir) const { closedir(dir); }
};

Result<Processes> ReadProcesses(const Root& root) {
  auto fd = root.Open("/proc", O_RDONLY | O_DIRECTORY);
  if (!fd) return tl::unexpected<Error>(std::move(fd).error());
  const std::unique_ptr<DIR, CloseDir> dir(fdopendir(fd->get()));
  if (!dir) return FailErrno("/proc", errno);
  const int proc = fd->Release();  // the DIR owns it now
  Processes all;
  std::array<char, 1024> buffer;
  while (const dirent* entry = readdir(dir.get())) {
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
    const auto stat = ParseProcessStat(ReadFile(proc, entry->d_name, "stat", buffer));
    if (!stat) continue;
    Count(*stat, proc, entry->d_name, all);
    CountDaemon(*stat, all);
  }
  if (all.total == 0) return Fail(ErrorCode::kNotFound, "/proc: shows no process");
  return all;
}

}  // namespace

Result<ProcessStat> ParseProcessStat(std::string_view text) {
  // The name may hold blanks and brackets: its end is the last ')'.
  const std::size_t open = text.find(" ("), close = text.rfind(')');
  const auto bad = [] { return Fail(ErrorCode::kParse, "/proc/PID/stat: bad line"); };
  if (open == std::string_view::npos || close == std::string_view::npos || close < open + 2) {
    return bad();
  }
  ProcessStat stat;
  const auto pid = ParseNumber<std::uint32_t>(text.substr(0, open));
  std::string_view rest = text.substr(close + 1);
  if (!pid || rest.size() < 2 || rest[0] != ' ') return bad();
  stat.pid = *pid;
  stat.name = text.substr(open + 2, close - open - 2);
  stat.state = rest[1];
  // Columns by the manual page's numbers; 3 is the state.
  for (int column = 3; column <= 22; ++column) {
    if (rest.empty() || rest[0] != ' ') return bad();
    rest.remove_prefix(1);
    const std::string_view word = rest.substr(0, rest.find_first_of(" \n"));
    rest.remove_prefix(word.size());
    if (column != 4 && column != 14 && column != 15 && column != 22) continue;
    const auto value = ParseNumber<std::uint64_t>(word);
    if (!value) return bad();
    if (column == 4) stat.parent = static_cast<std::uint32_t>(*value);
    if (column == 14 || column == 15) stat.cpu_ticks += *value;
    if (column == 22) stat.start_ticks = *value;
  }
  return stat;
}

constinit const SourceType kProcesses{
    .name = "procfs/processes",
    .snapshot = &kSnapshot<Processes>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadProcesses(host.root)); },
};

}  // namespace gpud::procfs
