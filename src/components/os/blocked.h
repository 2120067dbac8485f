// SPDX-License-Identifier: Apache-2.0
// Processes that have been in one uninterruptible sleep for minutes: usually a driver or a file
// server that does not answer.
#pragma once

#include <string>
#include <vector>

#include "components/component.h"
#include "components/findings.h"
#include "sources/procfs/processes.h"

namespace gpud::os {

struct StuckProcess {
  std::uint32_t pid = 0;
  std::string name, wait_channel;
  std::int64_t first_seen_unix_seconds = 0, last_seen_unix_seconds = 0, blocked_seconds = 0;

  static constexpr auto Fields() {
    using S = StuckProcess;
    return std::tuple{Field{"pid", &S::pid},
                      Field{"name", &S::name},
                      Field{"wait_channel", &S::wait_channel, When::kNonEmpty},
                      Field{"first_seen_unix_seconds", &S::first_seen_unix_seconds},
                      Field{"last_seen_unix_seconds", &S::last_seen_unix_seconds},
                      Field{"blocked_seconds", &S::blocked_seconds}};
  }
};

/// The processes in D state that are persistently blocked (240 s and more), longest first, 20 at
/// most. A process counts while it stays in the same sleep: same pid, start time and number of
/// context switches, so neither a reused pid nor one that works in bursts is taken for stuck.
///
/// Adds events: `blocked_process` (Info) when one is first found to sleep on from one check to the
/// next, which is how its age is remembered; `blocked_processes_persistent` (Warning) when an
/// episode begins and `blocked_processes_recovered` (Info) when it ends.
/// Adds a finding when `judge` (a machine with NVIDIA's driver): Unhealthy for one of NVIDIA's own
/// processes, else Degraded.
std::vector<StuckProcess> JudgeBlocked(const Inputs& in, const procfs::Processes& processes,
                                       bool judge, Report& report, Findings& findings);

}  // namespace gpud::os
