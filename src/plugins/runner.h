// SPDX-License-Identifier: Apache-2.0
// The runner: a process of our own binary that runs one plugin once. It is the subreaper of all
// that the scripts start, reads their output, judges it and gives the result back; whatever the
// scripts do to it, the daemon goes on.
#pragma once

#include <functional>

#include "plugins/result.h"
#include "plugins/spec.h"

namespace gpud::plugins {

/// What a runner is told, on its descriptor 0.
struct RunRequest {
  std::string plugin_name;
  std::string trigger;  ///< the run mode's word, for the log's name
  HealthStatePlugin plugin;
  std::chrono::microseconds timeout{0};
  std::chrono::microseconds grace{0};  ///< between SIGTERM and SIGKILL
  OutputFormat format = OutputFormat::kGpud;
  bool long_running = false;
  std::map<std::string, std::string> environment;
  std::string user;
  std::optional<int> nice;
  Limits limits;

  static constexpr auto Fields() {
    using R = RunRequest;
    return std::tuple{Field{"plugin_name", &R::plugin_name},
                      Field{"trigger", &R::trigger},
                      Field{"plugin", &R::plugin},
                      Field{"timeout", &R::timeout},
                      Field{"grace", &R::grace},
                      Field{"format", &R::format},
                      Field{"long_running", &R::long_running},
                      Field{"environment", &R::environment},
                      Field{"user", &R::user},
                      Field{"nice", &R::nice},
                      Field{"limits", &R::limits}};
  }
};

/// With defaults for what the spec does not limit.
RunRequest RequestOf(const Spec& spec);

/// Runs the steps in this process' children until the last has ended, one has failed or the time is
/// over. This process must be a subreaper. `abandoned`: a descriptor that hangs up when nobody
/// waits for the result any more; then all is ended and the result means nothing.
RunResult RunSteps(const RunRequest& request, int abandoned);

/// Runs the one step of a long-running plugin. Each line of its output is a result, given to `tell`
/// once a second at most; the last one, after its end or after a silence of `timeout`, is returned.
RunResult RunStream(const RunRequest& request, int abandoned,
                    const std::function<bool(const RunResult&)>& tell);

/// The process: `gpud plugin-runner`. The request on descriptor 0; on 1 results, each with its
/// length before it.
int RunnerMain();

}  // namespace gpud::plugins
