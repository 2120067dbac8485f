// SPDX-License-Identifier: Apache-2.0
#include "plugins/process_tree.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>

#include "platform/root.h"
#include "platform/text.h"

namespace gpud::plugins {
namespace {

// Longer than this no process needs to die of SIGKILL, unless it cannot.
constexpr std::chrono::milliseconds kTimeToDie{5'000};
constexpr int kPollMillis = 5;

/// Reaps what has ended; false when there is no child any more.
bool ReapEnded() {
  for (;;) {
    const pid_t pid = ::waitpid(-1, nullptr, WNOHANG);
    if (pid == 0) return true;
    if (pid < 0 && errno != EINTR) return false;
  }
}

bool IsZombie(const Root& root, int pid) {
  const auto stat = root.Read("/proc/" + std::to_string(pid) + "/stat", 4096);
  const std::size_t end = stat ? stat->rfind(") ") : std::string::npos;
  return end == std::string::npos || (*stat)[end + 2] == 'Z';
}

}  // namespace

std::vector<int> Descendants(int ancestor) {
  const Root root;
  const auto names = root.List("/proc");
  if (!names) return {};
  std::multimap<int, int> children;
  for (const std::string& name : *names) {
    const auto pid = ParseNumber<int>(name);
    if (!pid) continue;
    // "pid (comm) S ppid ..." (proc_pid_stat(5)); the name may hold anything, so look behind it.
    const auto stat = root.Read("/proc/" + name + "/stat", 4096);
    const std::size_t end = stat ? stat->rfind(") ") : std::string::npos;
    if (end == std::string::npos) continue;
    const auto words = SplitBlanks(std::string_view(*stat).substr(end + 2));
    const auto parent = words.size() < 2 ? std::nullopt : ParseNumber<int>(words[1]);
    if (parent) children.emplace(*parent, *pid);
  }
  std::vector<int> found;
  std::vector<int> waiting = {ancestor};
  while (!waiting.empty()) {
    const auto [first, last] = children.equal_range(waiting.back());
    waiting.pop_back();
    for (auto child = first; child != last; ++child) {
      found.push_back(child->second);
      waiting.push_back(child->second);
    }
  }
  return found;
}

TreeEnd EndTree(const RunGroup& group, std::chrono::milliseconds grace,
                const std::function<void()>& meanwhile) {
  TreeEnd end;
  if (!ReapEnded()) return end;
  using Steady = std::chrono::steady_clock;
  const auto start = Steady::now();
  std::set<int> seen;
  bool asked = false;
  bool killing = false;
  while (ReapEnded()) {
    const auto waited = Steady::now() - start;
    if (waited > grace + kTimeToDie) break;
    if (!asked || waited >= grace) {
      if (waited >= grace && !killing) {
        killing = true;
        group.StopForks();  // or a fork bomb could be faster than we are
      }
      // What is killed leaves its children to us, so the next round finds them.
      for (const int pid : Descendants(::getpid())) {
        ::kill(pid, killing ? SIGKILL : SIGTERM);
        if (!killing) ::kill(pid, SIGCONT);  // one that is stopped would not see it
        seen.insert(pid);
      }
      asked = true;
    }
    meanwhile();
    ::poll(nullptr, 0, killing ? 1 : kPollMillis);
  }
  const Root root;
  for (const int pid : Descendants(::getpid())) {
    if (!IsZombie(root, pid)) ++end.left_behind;
  }
  end.killed = seen.size();
  return end;
}

}  // namespace gpud::plugins
