// SPDX-License-Identifier: Apache-2.0
// Run: one run of a plugin as the daemon sees it: a runner process, its result, and what to do when
// it gives none.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "platform/child_process.h"
#include "platform/loop.h"
#include "plugins/runner.h"

namespace gpud::plugins {

/// How a runner is started. `gpud plugin-runner` by default.
struct RunnerProgram {
  std::string path = "/proc/self/exe";
  std::vector<std::string> arguments = {"plugin-runner"};
};

/// Once at the start, so that an upgraded or deleted binary does not matter.
UniqueFd OpenRunner(const RunnerProgram& program);

class Run {
 public:
  using Done = std::function<void(RunResult)>;

  /// `executable`: an open descriptor of the program. `done` is called on the loop for each
  /// result, of which all but the last have `more`; with the last one it may destroy the run. Not
  /// after the run has been destroyed. Error: it cannot be started.
  static Result<std::unique_ptr<Run>> Start(Loop& loop, int executable,
                                            const std::vector<std::string>& arguments,
                                            const RunRequest& request, Done done);
  /// As Abandon, and waits for nothing.
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  /// Nobody waits for the result any more: the runner ends the scripts, then itself, and `ended` is
  /// called instead of `done`.
  void Abandon(std::function<void()> ended);
  /// Calls `ended` instead of `done`.
  void WhenEnded(std::function<void()> ended) { ended_ = std::move(ended); }
  /// Readable when the runner has ended.
  int pidfd() const { return process_.pidfd(); }

 private:
  Run(Loop& loop, ChildProcess process, UniqueFd socket, Done done);
  /// False when there is nothing to read at the moment, or ever again.
  bool OnBytes();
  void TakeResults();
  void OnEnd();
  void OnLate();
  void Finish(RunResult result);

  Loop& loop_;
  ChildProcess process_;
  UniqueFd socket_;
  Done done_;
  std::function<void()> ended_;
  std::string bytes_;
  std::optional<RunResult> last_;
  bool late_ = false;
  Loop::Watch on_bytes_, on_end_, patience_;
};

/// A result that says why there is none.
RunResult FailedRun(std::string error);

}  // namespace gpud::plugins
