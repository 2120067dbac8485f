// SPDX-License-Identifier: Apache-2.0
// LaneProcess: the child process of a lane, in a process group of its own, and the parent's end of
// its socket. It is killed with its owner.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "platform/result.h"
#include "platform/unique_fd.h"

namespace gpud::lanes {

class LaneProcess {
 public:
  struct Plan {
    int executable = -1;             ///< an open descriptor of the program
    std::string lane;                ///< "gpu"
    std::string root;                ///< the machine's root
    std::uint64_t memory_bytes = 0;  ///< RLIMIT_DATA; 0 = no limit
  };
  /// Runs `gpud lane LANE --root ROOT` with nothing of ours but PATH, TZ and GPUD_*, its signals as
  /// they are by default. Error: kIo, it cannot be started.
  static Result<LaneProcess> Start(const Plan& plan);
  LaneProcess(LaneProcess&&) noexcept;
  LaneProcess& operator=(LaneProcess&&) = delete;
  ~LaneProcess();

  int pid() const { return pid_; }
  /// Readable when the process has ended.
  int pidfd() const { return pidfd_.get(); }
  int socket() const { return socket_.get(); }
  void CloseSocket() { socket_.Reset(); }
  /// SIGKILL to the whole group.
  void Kill() const;
  /// For one that was killed or whose pidfd is readable: how it ended, in words ("crashed
  /// (SIGSEGV)"), and nothing while it has not. To be asked until it says so, or a zombie is left.
  std::optional<std::string> Reap();

 private:
  LaneProcess() = default;

  int pid_ = -1;  // -1 when reaped
  UniqueFd pidfd_;
  UniqueFd socket_;
};

/// What a process that does not die is doing: its state and, where readable, its kernel stack.
std::string StuckWhere(int pid);

}  // namespace gpud::lanes
