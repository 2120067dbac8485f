// SPDX-License-Identifier: Apache-2.0
#include "plugins/step.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "platform/text.h"
#include "platform/unique_fd.h"
#include "plugins/child_setup.h"
#include "plugins/script_file.h"

namespace gpud::plugins {
namespace {

using Steady = std::chrono::steady_clock;

/// The script's bytes, once they are those that its author has pinned.
Result<std::string> Verified(const BashScript& script) {
  auto decoded = Decode(script);
  if (decoded && !script.sha256.empty() && Sha256Hex(*decoded) != script.sha256) {
    return Fail(ErrorCode::kPermission, "the script is not the one of its sha256");
  }
  return decoded;
}

}  // namespace

bool Drain(int pipe, const std::function<void(std::string_view)>& take) {
  std::array<char, 64 << 10> buffer;
  for (;;) {
    const ssize_t n = ::read(pipe, buffer.data(), buffer.size());
    if (n > 0) take({buffer.data(), static_cast<std::size_t>(n)});
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == EAGAIN;
    if (n == 0) return false;
    if (n < static_cast<ssize_t>(buffer.size())) return true;
  }
}

bool TakeEnd(pid_t pid, StepEnd& end) {
  int status = 0;
  if (::waitpid(pid, &status, WNOHANG) != pid) return false;
  if (WIFEXITED(status)) {
    end.exit_code = WEXITSTATUS(status);
    if (end.exit_code != 0) end.error = "exit status " + std::to_string(end.exit_code);
  } else {
    end.exit_code = -1;
    end.error = "signal: " + ToLower(::strsignal(WTERMSIG(status)));
  }
  return true;
}

Result<StartedStep> StartStep(const RunRequest& request, const Step& step, const RunGroup& group) {
  const auto script = Verified(*step.run_bash_script);
  if (!script) return tl::unexpected<Error>(script.error());
  const auto setup = ChildSetup::Prepare(request, group);
  if (!setup) return tl::unexpected<Error>(setup.error());
  auto file = ScriptFile::Make(*script, setup->uid(), setup->gid());
  if (!file) return tl::unexpected<Error>(std::move(file).error());
  std::array<int, 2> output;
  std::array<int, 2> failure;
  if (::pipe2(output.data(), O_CLOEXEC) != 0) return FailErrno("a pipe", errno);
  StartedStep started{.file = std::move(*file), .pidfd = {}, .output = UniqueFd(output[0])};
  const UniqueFd theirs(output[1]);
  if (::pipe2(failure.data(), O_CLOEXEC) != 0) return FailErrno("a pipe", errno);
  const UniqueFd told(failure[0]);
  UniqueFd tell(failure[1]);
  ::fcntl(output[0], F_SETFL, O_NONBLOCK);
  const std::string path = started.file.path();
  started.pid = ::fork();
  if (started.pid < 0) return FailErrno("fork", errno);
  if (started.pid == 0) {
    const int problem = setup->Become(path, theirs.get(), started.file.in_memory());
    (void)!::write(tell.get(), &problem, sizeof problem);
    ::_exit(127);
  }
  started.pidfd.Reset(static_cast<int>(::syscall(SYS_pidfd_open, started.pid, 0)));
  tell.Reset();
  int problem = 0;
  ssize_t n = 0;
  do {
    n = ::read(told.get(), &problem, sizeof problem);
  } while (n < 0 && errno == EINTR);
  if (n == sizeof problem) {
    ::waitpid(started.pid, nullptr, 0);
    return FailErrno("running bash", problem);
  }
  return started;
}

StepEnd RunStep(const RunRequest& request, const Step& step, const RunGroup& group,
                Steady::time_point deadline, int abandoned, Output& output) {
  const auto child = StartStep(request, step, group);
  if (!child) return {.exit_code = -1, .error = child.error().what};

  StepEnd end;
  std::array<pollfd, 3> wait = {pollfd{.fd = child->pidfd.get(), .events = POLLIN, .revents = 0},
                                pollfd{.fd = child->output.get(), .events = POLLIN, .revents = 0},
                                pollfd{.fd = abandoned, .events = 0, .revents = 0}};
  const auto drain = [&] {
    const bool more =
        Drain(child->output.get(), [&](std::string_view bytes) { output.Add(bytes); });
    if (!more) wait[1].fd = -1;
  };
  bool given_up = false;
  while (!given_up) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now()).count();
    if (left <= 0) break;
    if (::poll(wait.data(), wait.size(), static_cast<int>(std::min<long>(left, 60'000))) < 0) {
      continue;
    }
    if (wait[1].fd >= 0 && wait[1].revents != 0) drain();
    if ((wait[0].revents & POLLIN) != 0) break;
    given_up = (wait[2].revents & (POLLHUP | POLLERR)) != 0;
  }
  if (!TakeEnd(child->pid, end)) {
    end.exit_code = -1;
    end.timed_out = true;
    end.error = "context deadline exceeded";
  }
  const auto grace = given_up
                         ? std::chrono::milliseconds(0)
                         : std::chrono::duration_cast<std::chrono::milliseconds>(request.grace);
  end.tree = EndTree(group, grace, [&] {
    if (wait[1].fd >= 0) drain();
  });
  if (wait[1].fd >= 0) drain();
  return end;
}

}  // namespace gpud::plugins
