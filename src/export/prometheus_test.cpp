// SPDX-License-Identifier: Apache-2.0
#include "export/prometheus.h"

#include <gtest/gtest.h>

#include "platform/text.h"

namespace gpud::prometheus {
namespace {

constexpr MetricType kCpuMetrics[] = {
    {.name = "cpu_used_percent", .help = "share of CPU time in use"},
    {.name = "cpu_load_average", .help = "load average\nof the machine"},
    {.name = "cpu_seconds_total", .help = "CPU time", .kind = MetricKind::kCounter},
};

ComponentStatus Cpu() {
  ComponentStatus cpu;
  cpu.name = "cpu";
  cpu.states = {{.name = "cpu", .health = Health::kHealthy}};
  cpu.metrics = kCpuMetrics;
  return cpu;
}

ComponentStatus Named(std::string name, Health health) {
  ComponentStatus status;
  status.name = std::move(name);
  status.states = {{.health = health}};
  return status;
}

TEST(Prometheus, SortsFamiliesAndSeriesAndDescribesEach) {
  ComponentStatus cpu = Cpu();
  cpu.samples = {{.metric = "cpu_used_percent", .labels = {}, .value = 7.25},
                 {.metric = "cpu_seconds_total", .labels = {{"state", "user"}}, .value = 12},
                 {.metric = "cpu_load_average", .labels = {{"load_duration", "5m0s"}}, .value = 2},
                 {.metric = "cpu_load_average", .labels = {{"load_duration", "1m0s"}}, .value = 1}};
  static constexpr MetricType kSize = {.name = "gpud_sqlite_db_size_bytes",
                                       .help = "size of the database file"};
  EXPECT_EQ(Text({cpu}, {{kSize, 4096.0}}),
            "# HELP cpu_health_state_degraded 1 while the last check was degraded\n"
            "# TYPE cpu_health_state_degraded gauge\n"
            "cpu_health_state_degraded{gpud_component=\"cpu\"} 0\n"
            "# HELP cpu_health_state_healthy 1 while the last check was healthy\n"
            "# TYPE cpu_health_state_healthy gauge\n"
            "cpu_health_state_healthy{gpud_component=\"cpu\"} 1\n"
            "# HELP cpu_health_state_unhealthy 1 while the last check was unhealthy\n"
            "# TYPE cpu_health_state_unhealthy gauge\n"
            "cpu_health_state_unhealthy{gpud_component=\"cpu\"} 0\n"
            "# HELP cpu_health_state_unknown 1 while the component could not be read\n"
            "# TYPE cpu_health_state_unknown gauge\n"
            "cpu_health_state_unknown{gpud_component=\"cpu\"} 0\n"
            "# HELP cpu_load_average load average\\nof the machine\n"
            "# TYPE cpu_load_average gauge\n"
            "cpu_load_average{gpud_component=\"cpu\",load_duration=\"1m0s\"} 1\n"
            "cpu_load_average{gpud_component=\"cpu\",load_duration=\"5m0s\"} 2\n"
            "# HELP cpu_seconds_total CPU time\n"
            "# TYPE cpu_seconds_total counter\n"
            "cpu_seconds_total{gpud_component=\"cpu\",state=\"user\"} 12\n"
            "# HELP cpu_used_percent share of CPU time in use\n"
            "# TYPE cpu_used_percent gauge\n"
            "cpu_used_percent{gpud_component=\"cpu\"} 7.25\n"
            "# HELP gpud_sqlite_db_size_bytes size of the database file\n"
            "# TYPE gpud_sqlite_db_size_bytes gauge\n"
            "gpud_sqlite_db_size_bytes 4096\n");
}

TEST(Prometheus, MakesALegalPrefixOfAnyComponentName) {
  const std::string text = Text({Named("9-lives=man", Health::kHealthy)}, {});
  EXPECT_NE(text.find("__lives_man_health_state_healthy{gpud_component=\"9-lives=man\"} 1\n"),
            std::string::npos)
      << text;
  EXPECT_NE(Text({Named("Scratch.Space/x", Health::kHealthy)}, {})
                .find("scratch_space_x_health_state_healthy{gpud_component=\"Scratch.Space/x\"} 1"),
            std::string::npos);
}

TEST(Prometheus, EscapesLabelValuesAndMendsLabelNames) {
  ComponentStatus cpu = Cpu();
  cpu.samples = {{.metric = "cpu_used_percent",
                  .labels = {{"a:b-c", "say \"hi\"\\\n"}, {"gpud_component", "forged"}},
                  .value = 1}};
  EXPECT_NE(Text({cpu}, {}).find("cpu_used_percent{a_b_c=\"say \\\"hi\\\"\\\\\\n\","
                                 "gpud_component=\"cpu\"} 1\n"),
            std::string::npos);
}

TEST(Prometheus, SaysUnknownOfWhatCouldNotBeReadAndNothingOfTheUnsupported) {
  ComponentStatus unsupported = Named("gpu", Health::kHealthy);
  unsupported.supported = false;
  const std::string text = Text({Named("disk", Health::kUnknown), unsupported}, {});
  EXPECT_NE(text.find("disk_health_state_unknown{gpud_component=\"disk\"} 1"), std::string::npos);
  EXPECT_NE(text.find("disk_health_state_healthy{gpud_component=\"disk\"} 0"), std::string::npos);
  EXPECT_EQ(text.find("gpu_health"), std::string::npos);
}

TEST(Prometheus, ClaimsNoHealthBeforeTheFirstCheck) {
  ComponentStatus empty;
  empty.name = "os";
  const std::string text = Text({Named("disk", Health::kInitializing), empty}, {});
  EXPECT_EQ(text.find("} 1\n"), std::string::npos) << text;
}

TEST(Prometheus, KeepsOneOfTwoEqualSeriesAndOneHeadForASharedFamily) {
  ComponentStatus cpu = Cpu();
  cpu.samples = {{.metric = "cpu_used_percent", .labels = {}, .value = 1},
                 {.metric = "cpu_used_percent", .labels = {}, .value = 2}};
  const std::string text =
      Text({cpu, Named("a-b", Health::kHealthy), Named("a.b", Health::kHealthy)}, {});
  EXPECT_NE(text.find("cpu_used_percent{gpud_component=\"cpu\"} 1\n"), std::string::npos);
  EXPECT_EQ(text.find("cpu_used_percent{gpud_component=\"cpu\"} 2\n"), std::string::npos);
  const std::string head = "# TYPE a_b_health_state_healthy gauge\n";
  EXPECT_NE(text.find(head + "a_b_health_state_healthy{gpud_component=\"a-b\"} 1\n" +
                      "a_b_health_state_healthy{gpud_component=\"a.b\"} 1\n"),
            std::string::npos);
}

}  // namespace
}  // namespace gpud::prometheus
