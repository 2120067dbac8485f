// SPDX-License-Identifier: Apache-2.0
#include "lanes/lane_process.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string_view>

namespace gpud::lanes {

Result<LaneProcess> LaneProcess::Start(const Plan& plan) {
  std::array<int, 2> ends;
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return FailErrno("a socket for lane " + plan.lane, errno);
  }
  UniqueFd ours(ends[0]);
  const UniqueFd theirs(ends[1]);
  static constexpr std::string_view kEnvironment[] = {"PATH=", "TZ=", "GPUD_"};
  auto child = ChildProcess::Start({.executable = plan.executable,
                                    .arguments = {"lane", plan.lane, "--root", plan.root},
                                    .input = theirs.get(),
                                    .output = theirs.get(),
                                    .environment = kEnvironment,
                                    .memory_bytes = plan.memory_bytes});
  if (!child) return Pass(std::move(child), "lane " + plan.lane);
  return LaneProcess(std::move(*child), std::move(ours));
}

}  // namespace gpud::lanes
