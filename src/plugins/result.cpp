// SPDX-License-Identifier: Apache-2.0
#include "plugins/result.h"

namespace gpud::plugins {
namespace {

HealthState Empty(const Spec& spec) {
  HealthState state;
  state.component_type = "custom-plugin";
  state.name = "check";
  state.run_mode = spec.run_mode;
  return state;
}

std::optional<SuggestedActions> ActionsOf(const std::vector<MatchedAction>& matched) {
  if (matched.empty()) return std::nullopt;
  SuggestedActions actions;
  for (const MatchedAction& action : matched) {
    if (!actions.description.empty()) actions.description += '\n';
    RepairAction known{};
    if (ParseWord(action.name, known)) {
      actions.repair_actions.push_back(known);
      actions.description += action.description;
    } else {  // a word that the wire does not have stands in the text
      actions.description += action.name + ": " + action.description;
    }
  }
  return actions;
}

/// Exit codes of Nagios plugins: 0 ok, 1 warning, 2 critical, all else unknown.
void JudgeNagios(const RunResult& run, HealthState& state) {
  static constexpr Health kHealth[] = {Health::kHealthy, Health::kDegraded, Health::kUnhealthy};
  const bool known = run.exit_code >= 0 && run.exit_code < 3 && !run.timed_out;
  state.health = known ? kHealth[run.exit_code] : Health::kUnknown;
  state.reason = !run.reading.summary.empty() ? run.reading.summary
                 : known                      ? "ok"
                                              : "the check says that it cannot tell";
  state.error = known ? "" : run.error;
}

/// Exit codes of node-problem-detector: 0 ok, 1 a problem, all else unknown; the output says which.
void JudgeNpd(const RunResult& run, HealthState& state) {
  const bool known = (run.exit_code == 0 || run.exit_code == 1) && !run.timed_out;
  state.health = !known               ? Health::kUnknown
                 : run.exit_code == 0 ? Health::kHealthy
                                      : Health::kUnhealthy;
  state.reason = !run.reading.summary.empty() ? run.reading.summary
                 : run.exit_code == 0         ? "ok"
                                              : "the check gave no reason";
  state.error = known ? "" : run.error;
}

}  // namespace

HealthState FirstState(const Spec& spec) {
  HealthState state = Empty(spec);
  state.health = Health::kInitializing;
  state.reason = spec.manual() ? "not run yet; it runs when it is asked to" : "not run yet";
  return state;
}

std::vector<std::string> MetricNames(std::string_view component) {
  const std::string prefix = MetricPrefix(component);
  return {prefix + "_health_state_healthy", prefix + "_health_state_unhealthy",
          prefix + "_health_state_degraded", prefix + "_perfdata"};
}

Report ReportOf(const Spec& spec, const RunResult& run) {
  Report report;
  report.states.push_back(StateOf(spec, run));
  const auto names = MetricNames(ComponentName(spec.plugin_name));
  static constexpr Health kGauges[] = {Health::kHealthy, Health::kUnhealthy, Health::kDegraded};
  for (std::size_t i = 0; i < std::size(kGauges); ++i) {
    report.samples.push_back(
        {names[i], {}, report.states.front().health == kGauges[i] ? 1.0 : 0.0});
  }
  for (const OutputSample& sample : run.reading.samples) {
    const bool perfdata = spec.format() == OutputFormat::kNagios;
    report.samples.push_back({perfdata ? names[3] : sample.metric, sample.labels, sample.value});
  }
  return report;
}

HealthState StateOf(const Spec& spec, const RunResult& run) {
  HealthState state = Empty(spec);
  if (spec.long_running && !run.more) {
    state.health = Health::kUnhealthy;
    state.reason = run.timed_out ? "the plugin was silent for too long; it is started again"
                                 : "the plugin ended; it is started again";
    state.error = run.error;
  } else if (!run.reading.parse_error.empty()) {
    state.health = Health::kUnhealthy;
    state.reason = "failed to parse plugin output";
    state.error = run.reading.parse_error;
  } else if (spec.format() == OutputFormat::kNagios) {
    JudgeNagios(run, state);
  } else if (spec.format() == OutputFormat::kNpd) {
    JudgeNpd(run, state);
  } else if (run.exit_code != 0 || !run.error.empty()) {
    state.health = Health::kUnhealthy;
    state.reason =
        "error executing state plugin (exit code: " + std::to_string(run.exit_code) + ')';
    state.error = run.error;
  } else if (run.reading.mismatch) {
    state.health = Health::kUnhealthy;
    state.reason = "unexpected plugin output";
  } else {
    state.health = Health::kHealthy;
    state.reason = "ok";
  }
  state.suggested_actions = ActionsOf(run.reading.actions);
  state.extra_info = run.reading.extra_info;
  state.raw_output = run.raw_output;
  return state;
}

}  // namespace gpud::plugins
