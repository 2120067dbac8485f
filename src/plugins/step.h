// SPDX-License-Identifier: Apache-2.0
// One step of a run: bash on one script, until it has ended with all that it has started.
#pragma once

#include "plugins/output.h"
#include "plugins/process_tree.h"
#include "plugins/runner.h"
#include "plugins/script_file.h"

namespace gpud::plugins {

struct StepEnd {
  int exit_code = 0;  ///< -1: killed by a signal, timed out, or not run
  std::string error;  ///< "exit status 3", "signal: killed", "context deadline exceeded"
  bool timed_out = false;
  TreeEnd tree;
};

/// A script that runs.
struct StartedStep {
  ScriptFile file;
  pid_t pid = -1;
  UniqueFd pidfd;   ///< readable when it has ended
  UniqueFd output;  ///< both outputs of the script; does not block
};
Result<StartedStep> StartStep(const RunRequest& request, const Step& step, const RunGroup& group);

/// Takes what the pipe holds now, but leaves its writers their turn; false at its end.
bool Drain(int pipe, const std::function<void(std::string_view)>& take);

/// Takes the status of a process that has ended; false when it has not.
bool TakeEnd(pid_t pid, StepEnd& end);

/// Both outputs of the script go to `output` as they come. `abandoned`: see RunSteps.
StepEnd RunStep(const RunRequest& request, const Step& step, const RunGroup& group,
                std::chrono::steady_clock::time_point deadline, int abandoned, Output& output);

}  // namespace gpud::plugins
