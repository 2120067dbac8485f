// SPDX-License-Identifier: Apache-2.0
// ChildProcess: another process of our own binary, in a process group of its own, with nothing of
// ours but the descriptors that it is given. It is killed with its owner.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/result.h"
#include "platform/unique_fd.h"

namespace gpud {

class ChildProcess {
 public:
  struct Plan {
    int executable = -1;  ///< an open descriptor of the program
    std::vector<std::string> arguments;
    int input = -1;   ///< becomes its descriptor 0
    int output = -1;  ///< becomes its descriptor 1; 2 is the null device
    /// What is kept of our environment: names that start with one of these ("PATH=", "GPUD_").
    std::span<const std::string_view> environment;
    std::uint64_t memory_bytes = 0;  ///< RLIMIT_DATA; 0 = no limit
  };
  /// Its signals are as they are by default. Error: kIo, it cannot be started.
  static Result<ChildProcess> Start(const Plan& plan);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();

  int pid() const { return pid_; }
  /// Readable when the process has ended.
  int pidfd() const { return pidfd_.get(); }
  /// SIGKILL to the whole group.
  void Kill() const;
  /// It is not to be killed with this object, which forgets it.
  void Leave() { pid_ = -1; }
  /// For one that was killed or whose pidfd is readable: how it ended, in words ("crashed
  /// (SIGSEGV)"), and nothing while it has not. To be asked until it says so, or a zombie is left.
  std::optional<std::string> Reap();

 private:
  ChildProcess() = default;

  int pid_ = -1;  // -1 when reaped
  UniqueFd pidfd_;
};

/// What a process that does not die is doing: its state and, where readable, its kernel stack.
std::string StuckWhere(int pid);

}  // namespace gpud
