// SPDX-License-Identifier: Apache-2.0
#include "sources/procfs/owner.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "platform/text.h"
#include "sources/procfs/cgroup.h"
#include "sources/procfs/command_line.h"
#include "sources/procfs/processes.h"

namespace gpud::procfs {
namespace {

constexpr std::size_t kMostThreads = 256;  // that are looked at before the command line is read

std::string ProcPath(std::uint32_t pid, std::string_view file) {
  return "/proc/" + std::to_string(pid) + '/' + std::string(file);
}

std::string_view RuntimeOf(std::string_view path) {
  struct Mark {
    std::string_view part, runtime;
  };
  static constexpr Mark kMarks[] = {{"cri-containerd", "containerd"},
                                    {"nerdctl", "containerd"},
                                    {"crio-", "cri-o"},
                                    {"libpod", "podman"},
                                    {"docker", "docker"},
                                    {"garden", "garden"},
                                    {"containerd", "containerd"}};
  for (const Mark& mark : kMarks) {
    if (path.find(mark.part) != std::string_view::npos) return mark.runtime;
  }
  return {};
}

/// The rest of the part that starts with `beginning`: "batch" of ".../step_batch/user".
std::string_view PartAfter(std::string_view path, std::string_view beginning) {
  for (const std::string_view part : Split(path, '/')) {
    if (part.starts_with(beginning)) return part.substr(beginning.size());
  }
  return {};
}

/// The innermost service or scope of systemd.
std::string_view UnitOf(std::string_view path) {
  std::string_view unit;
  for (const std::string_view part : Split(path, '/')) {
    if (part.ends_with(".service") || part.ends_with(".scope")) unit = part;
  }
  return unit;
}

/// Uid and, in a pid namespace of its own, the pid there.
void ParseStatus(std::string_view status, ProcessOwner& owner) {
  for (std::string_view line; NextLine(status, line);) {
    const auto words = SplitBlanks(line);
    if (words.size() > 2 && words[0] == "Uid:") {
      owner.uid = ParseNumber<std::uint32_t>(words[2]);  // real, effective, saved, file system
    } else if (words.size() > 2 && words[0] == "NSpid:") {
      owner.container_pid = ParseNumber<std::uint32_t>(words.back());  // outermost first
    }
  }
}

/// Whether a thread is in uninterruptible sleep, and may hold the lock that cmdline needs.
bool MayHang(const Root& root, std::uint32_t pid) {
  const auto threads = root.List(ProcPath(pid, "task"));
  if (!threads) return true;
  std::size_t looked_at = 0;
  return std::any_of(threads->begin(), threads->end(), [&](const std::string& thread) {
    if (++looked_at > kMostThreads) return false;
    const auto text = root.Read(ProcPath(pid, "task/" + thread + "/stat"));
    const auto stat = text.and_then(ParseProcessStat);
    return stat && stat->state == 'D';
  });
}

std::string ReadCommand(const Root& root, std::uint32_t pid) {
  if (MayHang(root, pid)) return {};
  const auto fd = root.Open(ProcPath(pid, "cmdline"), O_RDONLY);
  if (!fd) return {};
  std::array<char, 4096> start;  // it may be as long as the process likes
  const ssize_t n = ::read(fd->get(), start.data(), start.size());
  return n > 0 ? ShownCommand({start.data(), static_cast<std::size_t>(n)}) : std::string();
}

}  // namespace

ProcessOwner OwnerReader::Read(std::uint32_t pid, const ProcessOwner* known) {
  const Root& root = host_.root;
  ProcessOwner owner{.pid = pid};
  const auto text = root.Read(ProcPath(pid, "stat"));
  const auto stat = text ? ParseProcessStat(*text) : Result<ProcessStat>(Pass(text, "process"));
  if (!stat) {
    owner.problem = stat.error().code == ErrorCode::kNotFound
                        ? "no such process here: it has ended, or gpud does not see the machine's "
                          "processes (hostPID)"
                        : stat.error().what;
    return owner;
  }
  owner.name = ValidUtf8(stat->name);
  owner.state = stat->state;
  owner.parent = stat->parent;
  owner.start_ticks = stat->start_ticks;
  if (known && known->start_ticks == owner.start_ticks) {
    owner.start_time = known->start_time;  // the same to the microsecond in every answer
    owner.command = known->command;
  } else {
    constexpr std::uint64_t kMostTicks = 1ULL << 40;  // more is nonsense
    const std::chrono::milliseconds start(10 * std::min(owner.start_ticks, kMostTicks));
    owner.start_time = host_.clock.Wall() - (host_.clock.Boot().time_since_epoch() - start);
  }
  if (const auto status = root.Read(ProcPath(pid, "status"))) ParseStatus(*status, owner);
  if (owner.uid) owner.user = UserOf(*owner.uid);
  if (const auto cgroups = root.Read(ProcPath(pid, "cgroup"))) ParseCgroups(*cgroups, owner);
  if (owner.command.empty()) owner.command = ReadCommand(root, pid);
  return owner;
}

const std::string& OwnerReader::UserOf(std::uint32_t uid) {
  if (!users_) {
    const auto text = host_.root.Read("/etc/passwd");
    users_ = text ? ParsePasswd(*text) : std::map<std::uint32_t, std::string>();
  }
  return (*users_)[uid];
}

void ParseCgroups(std::string_view text, ProcessOwner& owner) {
  // "HIERARCHY:CONTROLLERS:PATH"; with version 1 a dozen of them, and the one of systemd comes
  // last.
  for (std::string_view line; NextLine(text, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == line.npos ? first : line.find(':', first + 1);
    if (second == line.npos) continue;
    const std::string_view path = line.substr(second + 1);
    const CgroupOwner here = ParseCgroupPath(path);
    if (!here.container.empty() && !owner.container) {
      owner.container = Container{here.container, std::string(RuntimeOf(path))};
    }
    if (!here.pod_uid.empty() && !owner.pod) owner.pod = Pod{.uid = here.pod_uid};
    if (!here.slurm_job.empty()) {
      const std::string_view step = PartAfter(path, "step_");
      if (!owner.slurm) owner.slurm = SlurmJob{here.slurm_job, {}};
      if (owner.slurm->step.empty()) owner.slurm->step = step;
    }
    if (const std::string_view unit = UnitOf(path); !unit.empty()) owner.unit = unit;
  }
  if (owner.container || owner.pod || owner.slurm) owner.unit.clear();
}

std::map<std::uint32_t, std::string> ParsePasswd(std::string_view text) {
  std::map<std::uint32_t, std::string> users;
  for (std::string_view line; NextLine(text, line);) {
    const auto fields = Split(line, ':');
    const auto uid = fields.size() > 2 ? ParseNumber<std::uint32_t>(fields[2]) : std::nullopt;
    if (uid && !fields[0].empty()) users.emplace(*uid, ValidUtf8(fields[0]));  // the first wins
  }
  return users;
}

}  // namespace gpud::procfs
