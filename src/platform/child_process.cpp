// SPDX-License-Identifier: Apache-2.0
#include "platform/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>

#include "platform/root.h"
#include "platform/text.h"

extern char** environ;

namespace gpud {
namespace {

// Sanitizers reserve terabytes, which RLIMIT_DATA would count, and report on stderr.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

std::vector<char*> Environment(std::span<const std::string_view> prefixes) {
  std::vector<char*> kept;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view text = *entry;
    for (const std::string_view prefix : prefixes) {
      if (!text.starts_with(prefix)) continue;
      kept.push_back(*entry);
      break;
    }
  }
  kept.push_back(nullptr);
  return kept;
}

// How the child is to be set up by posix_spawn(3).
class SpawnSettings {
 public:
  SpawnSettings(int input, int output) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, input, 0);
    posix_spawn_file_actions_adddup2(&actions_, output, 1);
    // A process that cannot be killed must not hold on to a pipe that somebody reads to its end.
    if (!kSanitized) posix_spawn_file_actions_addopen(&actions_, 2, "/dev/null", O_WRONLY, 0);

    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes_, 0);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigdefault(&attributes_, &all);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

}  // namespace

Result<ChildProcess> ChildProcess::Start(const Plan& plan) {
  ChildProcess process;
  const SpawnSettings settings(plan.input, plan.output);
  std::vector<std::string> words = {"gpud"};
  words.insert(words.end(), plan.arguments.begin(), plan.arguments.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const std::string program = "/proc/self/fd/" + std::to_string(plan.executable);
  const int failure =
      ::posix_spawn(&process.pid_, program.c_str(), settings.actions(), settings.attributes(),
                    arguments.data(), Environment(plan.environment).data());
  if (failure != 0) {
    process.pid_ = -1;
    return FailErrno("starting a process", failure);
  }
  process.pidfd_.Reset(static_cast<int>(::syscall(SYS_pidfd_open, process.pid_, 0)));
  if (!process.pidfd_.valid()) return FailErrno("pidfd_open (Linux 5.3)", errno);

  const rlimit no_core{};
  ::prlimit(process.pid_, RLIMIT_CORE, &no_core, nullptr);
  if (plan.memory_bytes != 0 && !kSanitized) {
    const rlimit memory{.rlim_cur = plan.memory_bytes, .rlim_max = plan.memory_bytes};
    ::prlimit(process.pid_, RLIMIT_DATA, &memory, nullptr);
  }
  return process;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), pidfd_(std::move(other.pidfd_)) {}

ChildProcess::~ChildProcess() {
  if (pid_ < 0) return;
  Kill();
  ::waitpid(pid_, nullptr, WNOHANG);
}

void ChildProcess::Kill() const {
  if (pid_ > 0) ::kill(-pid_, SIGKILL);
}

std::optional<std::string> ChildProcess::Reap() {
  if (pid_ < 0) return "ended";
  Kill();  // also what it started itself; while it is not reaped the group's number is its own
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  pid_ = -1;
  if (!WIFSIGNALED(status)) {
    return "ended by itself (exit code " + std::to_string(WEXITSTATUS(status)) + ')';
  }
  const char* signal = ::sigabbrev_np(WTERMSIG(status));
  const std::string name = signal ? std::string("SIG") + signal : "an unknown signal";
  return WTERMSIG(status) == SIGKILL ? "was killed (SIGKILL; out of memory, or by a person)"
                                     : "crashed (" + name + ')';
}

std::string StuckWhere(int pid) {
  const Root root;
  const std::string folder = "/proc/" + std::to_string(pid);
  std::string where = "state unknown";
  // "pid (comm) S ..." (proc_pid_stat(5)); the name may hold anything, so look behind its end.
  if (const auto stat = root.Read(folder + "/stat")) {
    const std::size_t end = stat->rfind(") ");
    if (end != std::string::npos && end + 2 < stat->size()) {
      where = std::string("state ") + (*stat)[end + 2];
    }
  }
  std::string frames;
  const auto stack = root.Read(folder + "/stack");
  std::string_view rest = stack ? std::string_view(*stack) : std::string_view();
  std::string_view line;
  for (int depth = 0; depth < 4 && NextLine(rest, line); ++depth) {
    const auto words = SplitBlanks(line);  // "[<0>] nvidia_ioctl+0x12/0x40 [nvidia]"
    if (words.size() < 2) continue;
    frames += frames.empty() ? ", in " : " < ";
    frames += words[1].substr(0, words[1].find('+'));
  }
  if (frames.empty()) {
    const auto channel = root.Read(folder + "/wchan");
    if (channel && !channel->empty() && *channel != "0") frames = ", in " + *channel;
  }
  return where + frames;
}

}  // namespace gpud
