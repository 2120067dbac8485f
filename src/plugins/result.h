// SPDX-License-Identifier: Apache-2.0
// RunResult: what one run of a plugin brought, as its runner process tells the daemon.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "model/fields.h"
#include "model/health.h"
#include "model/metric.h"
#include "model/report.h"
#include "plugins/spec.h"

namespace gpud::plugins {

/// A suggested action and the texts that asked for it.
struct MatchedAction {
  std::string name;         ///< the word of the spec
  std::string description;  ///< joined with ", "

  bool operator==(const MatchedAction&) const = default;
  static constexpr auto Fields() {
    return std::tuple{Field{"name", &MatchedAction::name},
                      Field{"description", &MatchedAction::description}};
  }
};

/// A number that the output holds (perfdata, OpenMetrics).
struct OutputSample {
  std::string metric;
  std::map<std::string, std::string> labels;
  double value = 0;

  bool operator==(const OutputSample&) const = default;
  static constexpr auto Fields() {
    using S = OutputSample;
    return std::tuple{Field{"metric", &S::metric}, Field{"labels", &S::labels},
                      Field{"value", &S::value}};
  }
};

/// What the output says.
struct Reading {
  std::string parse_error;  ///< empty = it could be read
  bool mismatch = false;    ///< an expectation was not met
  std::map<std::string, std::string> extra_info;
  std::vector<MatchedAction> actions;  ///< in the order of the rules
  std::string summary;                 ///< Nagios: the line for a person
  std::vector<OutputSample> samples;

  static constexpr auto Fields() {
    using R = Reading;
    return std::tuple{Field{"parse_error", &R::parse_error}, Field{"mismatch", &R::mismatch},
                      Field{"extra_info", &R::extra_info},   Field{"actions", &R::actions},
                      Field{"summary", &R::summary},         Field{"samples", &R::samples}};
  }
};

struct RunResult {
  int exit_code = 0;  ///< of the last step; -1 = killed, or it could not be run
  std::string error;  ///< why the script failed, in Go's words; empty = it did not
  bool timed_out = false;
  bool more = false;  ///< of a long-running plugin, which goes on
  Reading reading;
  std::string raw_output;           ///< the first 4096 bytes at most, UTF-8
  std::string output_tail;          ///< the last bytes of an output that is longer, UTF-8
  std::uint64_t output_bytes = 0;   ///< all that was written
  std::uint64_t dropped_bytes = 0;  ///< of them not kept by the runner
  std::chrono::microseconds duration{0};
  std::chrono::microseconds cpu_time{0};  ///< of all its processes
  std::uint64_t killed = 0;               ///< processes that outlived their step
  std::uint64_t left_behind = 0;          ///< of them, that SIGKILL does not end
  bool runner_failed = false;             ///< there is no result but this; not told by a runner
  std::string unlimited;                  ///< which limits could not be set here, and why

  static constexpr auto Fields() {
    using R = RunResult;
    return std::tuple{Field{"exit_code", &R::exit_code},
                      Field{"error", &R::error},
                      Field{"timed_out", &R::timed_out},
                      Field{"more", &R::more},
                      Field{"reading", &R::reading},
                      Field{"raw_output", &R::raw_output},
                      Field{"output_tail", &R::output_tail},
                      Field{"output_bytes", &R::output_bytes},
                      Field{"dropped_bytes", &R::dropped_bytes},
                      Field{"duration", &R::duration},
                      Field{"cpu_time", &R::cpu_time},
                      Field{"killed", &R::killed},
                      Field{"left_behind", &R::left_behind},
                      Field{"unlimited", &R::unlimited}};
  }
};

/// The gauges of a plugin's component: its health, and the numbers of Nagios' perfdata.
std::vector<std::string> MetricNames(std::string_view component);
/// The state and the samples that a run gives; pure.
Report ReportOf(const Spec& spec, const RunResult& run);
/// The one health state that a run gives; pure. The frame sets time and component.
HealthState StateOf(const Spec& spec, const RunResult& run);
/// The state of a plugin that has not run yet.
HealthState FirstState(const Spec& spec);

}  // namespace gpud::plugins
