// SPDX-License-Identifier: Apache-2.0
// cgroups(7); Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/ of the kernel.
#include "plugins/cgroup.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>

#include "platform/root.h"
#include "platform/text.h"

namespace gpud::plugins {
namespace {

constexpr std::string_view kControllers[] = {"memory", "pids", "cpu"};
constexpr std::string_view kNameFront = "gpud-plugin-";
// A check yields to the work of the node: a quarter of what a process gets by default.
constexpr std::string_view kWeight = "25", kShares = "256";
constexpr int kSweepRounds = 50;
constexpr double kPeriodMicros = 100'000;

bool WriteFile(const std::string& path, std::string_view text) {
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return file.valid() &&
         ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

/// The folder of this process' own group, for a v1 controller or, with an empty name, for v2; empty
/// when there is none.
std::string OwnFolder(const Root& root, std::string_view controller) {
  const auto has = [&](std::string_view list) {
    const auto words = Split(list, ',');
    return std::find(words.begin(), words.end(), controller) != words.end();
  };
  // "4:memory:/path", v2 "0::/path"
  std::string path;
  const auto groups = root.Read("/proc/self/cgroup");
  std::string_view rest = groups ? std::string_view(*groups) : std::string_view();
  std::string_view line;
  while (NextLine(rest, line)) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view names = line.substr(first + 1, second - first - 1);
    if (controller.empty() ? names.empty() : has(names)) path = line.substr(second + 1);
  }
  if (path.empty()) return "";
  // "36 25 0:32 ROOT MOUNT rw ... - cgroup cgroup rw,memory" (proc_pid_mountinfo(5))
  const auto mounts = root.Read("/proc/self/mountinfo");
  rest = mounts ? std::string_view(*mounts) : std::string_view();
  while (NextLine(rest, line)) {
    const std::size_t dash = line.find(" - ");
    if (dash == std::string_view::npos) continue;
    const auto words = SplitBlanks(line.substr(0, dash));
    const auto kind = SplitBlanks(line.substr(dash + 3));
    if (words.size() < 5 || kind.size() < 3) continue;
    if (controller.empty() ? kind[0] != "cgroup2" : kind[0] != "cgroup" || !has(kind[2])) continue;
    std::string_view below = path;
    if (words[3] != "/" && below.starts_with(words[3])) below.remove_prefix(words[3].size());
    return std::string(words[4]) + (below == "/" ? "" : std::string(below));
  }
  return "";
}

bool HasWord(const Root& root, const std::string& file, std::string_view word) {
  const auto text = root.Read(file);
  if (!text) return false;
  const auto words = SplitBlanks(Trim(*text));
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::vector<int> ProcessesOf(const Root& root, const std::string& folder) {
  std::vector<int> pids;
  const auto text = root.Read(folder + "/cgroup.procs");
  std::string_view rest = text ? std::string_view(*text) : std::string_view();
  std::string_view line;
  while (NextLine(rest, line)) {
    // 0 stands for a process of another PID namespace
    if (const auto pid = ParseNumber<int>(line); pid && *pid > 1) pids.push_back(*pid);
  }
  return pids;
}

/// v2 hands controllers only to groups whose parent holds no process: where systemd has given us
/// our group ("Delegate=yes"), all of gpud moves into a leaf of its own.
bool Enable(const Root& root, const std::string& folder, const std::string& controller) {
  const std::string file = folder + "/cgroup.subtree_control";
  if (HasWord(root, file, controller)) return true;
  if (WriteFile(file, '+' + controller)) return true;
  char delegated = 0;
  if (errno != EBUSY ||
      (::getxattr(folder.c_str(), "trusted.delegate", &delegated, 1) != 1 &&
       ::getxattr(folder.c_str(), "user.delegate", &delegated, 1) != 1) ||
      delegated != '1') {
    return false;
  }
  const std::string leaf = folder + "/gpud-daemon";
  ::mkdir(leaf.c_str(), 0755);
  for (const int pid : ProcessesOf(root, folder)) {
    WriteFile(leaf + "/cgroup.procs", std::to_string(pid));
  }
  return WriteFile(file, '+' + controller);
}

/// Removes groups of runs whose process is no more: it was killed before it could.
void Sweep(const Root& root, const std::string& parent) {
  const auto names = root.List(parent);
  if (!names) return;
  for (const std::string& name : *names) {
    if (!name.starts_with(kNameFront)) continue;
    const auto pid = ParseNumber<int>(std::string_view(name).substr(kNameFront.size()));
    if (!pid || ::kill(*pid, 0) == 0 || errno != ESRCH) continue;
    const std::string folder = parent + '/' + name;
    // While a process has not ended the group stays; at the latest for the next run.
    for (int round = 0; round < kSweepRounds && ::rmdir(folder.c_str()) != 0; ++round) {
      if (errno != EBUSY) break;
      for (const int left : ProcessesOf(root, folder)) ::kill(left, SIGKILL);
      ::poll(nullptr, 0, 2);
    }
  }
}

}  // namespace

RunGroup::RunGroup(const plugins::Limits& limits, const std::string& name,
                   const std::string& root_path) {
  const Root root(root_path.empty() ? "/" : root_path);
  const Root real;  // for paths that begin with that of `root`
  std::string unified = OwnFolder(root, "");
  // A gpud that has moved to its own leaf makes the runs' groups beside it.
  if (unified.ends_with("/gpud-daemon")) unified.erase(unified.rfind('/'));
  for (const std::string_view view : kControllers) {
    const std::string controller(view);
    std::string parent = OwnFolder(root, controller);
    const bool v2 = parent.empty();
    if (v2) parent = unified;
    const bool usable =
        !parent.empty() &&
        (!v2 || (HasWord(real, root_path + parent + "/cgroup.controllers", controller) &&
                 Enable(real, root_path + parent, controller)));
    const std::string folder = root_path + parent + '/' + name;
    bool there = usable && std::any_of(groups_.begin(), groups_.end(),
                                       [&](const Group& group) { return group.folder == folder; });
    if (usable && !there) {
      Sweep(real, root_path + parent);
      there = ::mkdir(folder.c_str(), 0755) == 0 || errno == EEXIST;
      if (there) {
        groups_.push_back(
            {folder, UniqueFd(::open((folder + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC))});
      }
    }
    if (!there || !Set(controller, limits, folder, v2)) {
      lacking_.push_back(controller);
    } else if (controller == "pids") {
      pids_max_ = folder + "/pids.max";
    }
  }
}

bool RunGroup::Set(const std::string& controller, const plugins::Limits& limits,
                   const std::string& folder, bool unified) const {
  if (controller == "memory") {
    return WriteFile(folder + (unified ? "/memory.max" : "/memory.limit_in_bytes"),
                     std::to_string(limits.memory_bytes));
  }
  if (controller == "pids") return WriteFile(folder + "/pids.max", std::to_string(limits.pids));
  const bool weighed =
      WriteFile(folder + (unified ? "/cpu.weight" : "/cpu.shares"), unified ? kWeight : kShares);
  if (limits.cpus <= 0) return weighed;
  const std::string quota = std::to_string(std::llround(limits.cpus * kPeriodMicros));
  const std::string period = std::to_string(std::llround(kPeriodMicros));
  return unified ? WriteFile(folder + "/cpu.max", quota + ' ' + period)
                 : WriteFile(folder + "/cpu.cfs_period_us", period) &&
                       WriteFile(folder + "/cpu.cfs_quota_us", quota);
}

RunGroup::~RunGroup() {
  for (const Group& group : groups_) ::rmdir(group.folder.c_str());
}

void RunGroup::Enter() const {
  for (const Group& group : groups_) (void)!::write(group.processes.get(), "0", 1);
}

void RunGroup::StopForks() const {
  if (!pids_max_.empty()) WriteFile(pids_max_, "0");
}

bool RunGroup::HasLimit(const std::string& controller) const {
  return std::find(lacking_.begin(), lacking_.end(), controller) == lacking_.end();
}

}  // namespace gpud::plugins
