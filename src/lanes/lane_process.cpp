// SPDX-License-Identifier: Apache-2.0
#include "lanes/lane_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

#include "platform/root.h"
#include "platform/text.h"

extern char** environ;

namespace gpud::lanes {
namespace {

// Sanitizers reserve terabytes, which RLIMIT_DATA would count, and report on stderr.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

std::vector<char*> Environment() {
  std::vector<char*> kept;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view text = *entry;
    for (const std::string_view prefix : {"PATH=", "TZ=", "GPUD_"}) {
      if (text.starts_with(prefix)) kept.push_back(*entry);
    }
  }
  kept.push_back(nullptr);
  return kept;
}

// How the child is to be set up by posix_spawn(3).
class SpawnSettings {
 public:
  explicit SpawnSettings(int socket) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, socket, 0);
    posix_spawn_file_actions_adddup2(&actions_, socket, 1);
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

Result<LaneProcess> LaneProcess::Start(const Plan& plan) {
  std::array<int, 2> ends;
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return FailErrno("a socket for lane " + plan.lane, errno);
  }
  LaneProcess process;
  process.socket_.Reset(ends[0]);
  const UniqueFd theirs(ends[1]);

  const SpawnSettings settings(theirs.get());
  std::array<std::string, 5> words = {"gpud", "lane", plan.lane, "--root", plan.root};
  std::array<char*, 6> arguments{};
  for (std::size_t i = 0; i < words.size(); ++i) arguments[i] = words[i].data();
  const std::string program = "/proc/self/fd/" + std::to_string(plan.executable);
  const int failure = ::posix_spawn(&process.pid_, program.c_str(), settings.actions(),
                                    settings.attributes(), arguments.data(), Environment().data());
  if (failure != 0) {
    process.pid_ = -1;
    return FailErrno("starting the process of lane " + plan.lane, failure);
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

LaneProcess::LaneProcess(LaneProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::move(other.pidfd_)),
      socket_(std::move(other.socket_)) {}

LaneProcess::~LaneProcess() {
  if (pid_ < 0) return;
  Kill();
  ::waitpid(pid_, nullptr, WNOHANG);
}

void LaneProcess::Kill() const {
  if (pid_ > 0) ::kill(-pid_, SIGKILL);
}

std::optional<std::string> LaneProcess::Reap() {
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

}  // namespace gpud::lanes
