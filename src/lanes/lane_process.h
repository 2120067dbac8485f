// SPDX-License-Identifier: Apache-2.0
// LaneProcess: the child process of a lane and the parent's end of its socket.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "platform/child_process.h"

namespace gpud::lanes {

class LaneProcess {
 public:
  struct Plan {
    int executable = -1;             ///< an open descriptor of the program
    std::string lane;                ///< "gpu"
    std::string root;                ///< the machine's root
    std::uint64_t memory_bytes = 0;  ///< RLIMIT_DATA; 0 = no limit
  };
  /// Runs `gpud lane LANE --root ROOT` with nothing of ours but PATH, TZ and GPUD_*. Error: kIo, it
  /// cannot be started.
  static Result<LaneProcess> Start(const Plan& plan);

  int pid() const { return child_.pid(); }
  int pidfd() const { return child_.pidfd(); }
  int socket() const { return socket_.get(); }
  void CloseSocket() { socket_.Reset(); }
  void Kill() const { child_.Kill(); }
  std::optional<std::string> Reap() { return child_.Reap(); }

 private:
  LaneProcess(ChildProcess child, UniqueFd socket)
      : child_(std::move(child)), socket_(std::move(socket)) {}

  ChildProcess child_;
  UniqueFd socket_;
};

}  // namespace gpud::lanes
