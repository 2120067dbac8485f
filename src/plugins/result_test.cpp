// SPDX-License-Identifier: Apache-2.0
#include "plugins/result.h"

#include <gtest/gtest.h>

namespace gpud::plugins {
namespace {

RunResult Ended(int exit_code) {
  RunResult run;
  run.exit_code = exit_code;
  if (exit_code != 0) run.error = "exit status " + std::to_string(exit_code);
  return run;
}

Spec Probe(OutputFormat format = OutputFormat::kGpud) {
  Spec spec{.plugin_name = "My.Probe", .plugin_type = "component", .run_mode = "auto"};
  spec.output_format = format;
  return spec;
}

TEST(StateOf, DecidesInTheOrderOfTheFormat) {
  RunResult run = Ended(0);
  EXPECT_EQ(StateOf(Probe(), run).health, Health::kHealthy);
  EXPECT_EQ(StateOf(Probe(), run).reason, "ok");
  run.reading.mismatch = true;
  EXPECT_EQ(StateOf(Probe(), run).reason, "unexpected plugin output");
  run.exit_code = 7;
  run.error = "exit status 7";
  EXPECT_EQ(StateOf(Probe(), run).reason, "error executing state plugin (exit code: 7)");
  EXPECT_EQ(StateOf(Probe(), run).error, "exit status 7");
  run.reading.parse_error = "no";
  EXPECT_EQ(StateOf(Probe(), run).reason, "failed to parse plugin output");
  EXPECT_EQ(StateOf(Probe(), run).error, "no");
  EXPECT_EQ(StateOf(Probe(), run).health, Health::kUnhealthy);
}

TEST(StateOf, IsOneThatClientsOfTheOriginalKnow) {
  RunResult run = Ended(0);
  run.raw_output = "text";
  run.reading.actions = {{"REBOOT_SYSTEM", "a"}, {"SING", "b"}, {"HARDWARE_INSPECTION", "c"}};
  const HealthState state = StateOf(Probe(), run);
  EXPECT_EQ(state.name, "check");
  EXPECT_EQ(state.component_type, "custom-plugin");
  EXPECT_EQ(state.run_mode, "auto");
  EXPECT_EQ(state.raw_output, "text");
  EXPECT_EQ(state.suggested_actions->description, "a\nSING: b\nc");
  EXPECT_EQ(state.suggested_actions->repair_actions,
            (std::vector{RepairAction::kReboot, RepairAction::kInspectHardware}));
}

TEST(StateOf, ReadsTheExitCodesOfNagios) {
  const Health expected[] = {Health::kHealthy, Health::kDegraded, Health::kUnhealthy,
                             Health::kUnknown, Health::kUnknown};
  for (int code = 0; code < 5; ++code) {
    EXPECT_EQ(StateOf(Probe(OutputFormat::kNagios), Ended(code)).health, expected[code]) << code;
  }
  RunResult late = Ended(-1);
  late.timed_out = true;
  EXPECT_EQ(StateOf(Probe(OutputFormat::kNagios), late).health, Health::kUnknown);
}

TEST(StateOf, ReadsTheExitCodesOfNodeProblemDetector) {
  EXPECT_EQ(StateOf(Probe(OutputFormat::kNpd), Ended(0)).health, Health::kHealthy);
  RunResult bad = Ended(1);
  bad.reading.summary = "ntp is down";
  EXPECT_EQ(StateOf(Probe(OutputFormat::kNpd), bad).health, Health::kUnhealthy);
  EXPECT_EQ(StateOf(Probe(OutputFormat::kNpd), bad).reason, "ntp is down");
  EXPECT_EQ(StateOf(Probe(OutputFormat::kNpd), Ended(2)).health, Health::kUnknown);
}

TEST(ReportOf, HasTheGaugesOfTheOriginalAndTheNumbersOfTheOutput) {
  RunResult run = Ended(0);
  run.reading.samples = {{"perfdata", {{"label", "/"}}, 5}};
  const Report report = ReportOf(Probe(OutputFormat::kNagios), run);
  EXPECT_EQ(report.samples, (std::vector<Sample>{{"my_probe_health_state_healthy", {}, 1},
                                                 {"my_probe_health_state_unhealthy", {}, 0},
                                                 {"my_probe_health_state_degraded", {}, 0},
                                                 {"my_probe_perfdata", {{"label", "/"}}, 5}}));
}

}  // namespace
}  // namespace gpud::plugins
