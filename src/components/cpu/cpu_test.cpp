// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sources/procfs/loadavg.h"
#include "sources/procfs/pressure.h"
#include "sources/procfs/stat.h"
#include "sources/sysfs/cpu_speed.h"
#include "sources/sysfs/numa.h"
#include "testing/component_kit.h"

namespace gpud::cpu {
extern const ComponentType kType;
namespace {

procfs::Stat StatOf(double user, double idle, double core0_busy, double core1_busy) {
  return {.total = {.user = user, .idle = idle},
          .cores = {{0, core0_busy, 100}, {1, core1_busy, 100}}};
}

TEST(Cpu, HasNoUsageAtTheFirstCheckAndIsHealthy) {
  Inputs in;
  in.Put<procfs::Stat>(StatOf(10, 90, 5, 5));
  in.Put<procfs::LoadAverage>(procfs::LoadAverage{1, 2, 3, 4});
  const Report report = kType.check(in);
  EXPECT_EQ(report.states.at(0).health, Health::kHealthy);
  EXPECT_FALSE(SampleOf(report, "cpu_used_percent"));
  EXPECT_EQ(SampleOf(report, "cpu_load_average", {{"load_duration", "5m0s"}}), 2);
  EXPECT_EQ(report.states[0].extra_info.at("data"),
            R"({"cores":{"logical":"2"},"usage":{"load_avg_1min":"1","load_avg_5min":"2",)"
            R"("load_avg_15min":"3"},"pressure":"not read yet"})");
}

TEST(Cpu, UsageIsTheBusyShareBetweenTwoReadings) {
  Inputs in;
  in.Put<procfs::Stat>(StatOf(10, 90, 10, 20));
  procfs::Stat later = StatOf(40, 160, 15, 60);
  for (auto& core : later.cores) core.total_seconds = 200;
  in.Put<procfs::Stat>(later);
  in.Put<procfs::LoadAverage>(procfs::LoadAverage{});
  const Report report = kType.check(in);
  EXPECT_EQ(SampleOf(report, "cpu_used_percent"), 30);
  EXPECT_EQ(SampleOf(report, "cpu_core_max_used_percent"), 40);
  EXPECT_EQ(SampleOf(report, "cpu_seconds_total", {{"mode", "user"}}), 40);
}

TEST(Cpu, GivesNoUsageWhenTheCountersRanBackwards) {
  Inputs in;
  in.Put<procfs::Stat>(StatOf(40, 160, 1, 1));
  in.Put<procfs::Stat>(StatOf(10, 90, 1, 1));
  in.Put<procfs::LoadAverage>(procfs::LoadAverage{});
  EXPECT_FALSE(SampleOf(kType.check(in), "cpu_used_percent"));
}

TEST(Cpu, IsUnknownWithTheErrorWhenStatCannotBeRead) {
  Inputs in;
  in.Put<procfs::Stat>(Fail(ErrorCode::kPermission, "/proc/stat: Permission denied"));
  const Report report = kType.check(in);
  EXPECT_EQ(report.states.at(0).health, Health::kUnknown);
  EXPECT_EQ(report.states[0].error, "/proc/stat: Permission denied");
  EXPECT_TRUE(report.samples.empty());
}

/// Core 0 was busy for half of the time, core 1 for all of it.
Inputs TwoReadings() {
  Inputs in;
  in.Put<procfs::LoadAverage>(procfs::LoadAverage{});
  in.Put<procfs::Stat>(
      procfs::Stat{.total = {.user = 10, .idle = 90}, .cores = {{0, 10, 100}, {1, 10, 100}}});
  in.Put<procfs::Stat>(procfs::Stat{.total = {.user = 20, .idle = 100, .softirq = 4, .steal = 16},
                                    .cores = {{0, 20, 120}, {1, 30, 120}}});
  return in;
}

TEST(Cpu, TellsWhatTheTimeWentInto) {
  const Report report = kType.check(TwoReadings());
  EXPECT_EQ(SampleOf(report, "cpu_mode_percent", {{"mode", "steal"}}), 40);
  EXPECT_EQ(SampleOf(report, "cpu_mode_percent", {{"mode", "softirq"}}), 10);
  EXPECT_EQ(SampleOf(report, "cpu_mode_percent", {{"mode", "idle"}}), 25);
}

TEST(Cpu, TellsNodesApartWhereThereAreSeveral) {
  Inputs in = TwoReadings();
  in.Put<sysfs::Numa>(sysfs::Numa{{{.id = 0, .cpus = {0}}, {.id = 1, .cpus = {1}}}});
  Report report = kType.check(in);
  EXPECT_EQ(SampleOf(report, "cpu_numa_used_percent", {{"node", "0"}}), 50);
  EXPECT_EQ(SampleOf(report, "cpu_numa_used_percent", {{"node", "1"}}), 100);
  in.Put<sysfs::Numa>(sysfs::Numa{{{.id = 0, .cpus = {0, 1}}}});
  report = kType.check(in);
  EXPECT_FALSE(SampleOf(report, "cpu_numa_used_percent", {{"node", "0"}}));
}

TEST(Cpu, TheClockIsThatOfBusyProcessors) {
  Inputs in = TwoReadings();
  sysfs::CpuSpeed speed{.clocks = sysfs::Clocks{.domains = {{0, 1'000}, {1, 3'000}},
                                                .max_hertz = 4'000,
                                                .governor = "performance"},
                        .throttling = std::vector<sysfs::Throttling>{{1, 7, 9}},
                        .flaws = {{"spectre_v2", "Vulnerable"}}};
  in.Put<sysfs::CpuSpeed>(speed);
  Report report = kType.check(in);
  EXPECT_EQ(SampleOf(report, "cpu_frequency_hertz"), 2'000);
  EXPECT_EQ(SampleOf(report, "cpu_frequency_max_hertz"), 4'000);
  EXPECT_EQ(SampleOf(report, "cpu_package_throttles_total", {{"package", "1"}}), 7);
  EXPECT_EQ(SampleOf(report, "cpu_core_throttles_total", {{"package", "1"}}), 9);
  EXPECT_EQ(report.states.at(0).health, Health::kHealthy);  // history and facts are no faults
  const std::string& data = report.states[0].extra_info.at("data");
  EXPECT_NE(data.find(R"("vulnerabilities":{"spectre_v2":"Vulnerable"})"), std::string::npos);
  procfs::Stat later = *in.Latest<procfs::Stat>();  // core 0 sleeps from here on
  later.cores = {{0, 20, 140}, {1, 50, 140}};
  in.Put<procfs::Stat>(later);
  report = kType.check(in);
  EXPECT_EQ(SampleOf(report, "cpu_frequency_hertz"), 3'000);
}

TEST(Cpu, AVirtualMachineWithoutClocksIsNoFaultButOneThatMayNotBeReadIsTold) {
  Inputs in = TwoReadings();
  sysfs::CpuSpeed speed{.clocks = Fail(ErrorCode::kUnsupported, "no clocks"),
                        .throttling = Fail(ErrorCode::kUnsupported, "no counters")};
  in.Put<sysfs::CpuSpeed>(speed);
  Report report = kType.check(in);
  EXPECT_EQ(report.states.size(), 1u);
  EXPECT_NE(report.states[0].extra_info.at("data").find(R"("frequency":"no clocks")"),
            std::string::npos);
  speed.throttling = Fail(ErrorCode::kPermission, "no");
  in.Put<sysfs::CpuSpeed>(speed);
  report = kType.check(in);
  ASSERT_TRUE(StateOf(report, "cpu/throttling"));
  EXPECT_EQ(StateOf(report, "cpu/throttling")->health, Health::kUnknown);
}

TEST(Cpu, PressureThatMayNotBeReadIsAStateOfItsOwn) {
  Inputs in;
  in.Put<procfs::Stat>(StatOf(10, 90, 5, 5));
  in.Put<procfs::LoadAverage>(procfs::LoadAverage{});
  in.Put<procfs::Pressures>(Fail(ErrorCode::kPermission, "no"));
  const Report report = kType.check(in);
  EXPECT_EQ(report.states.at(0).health, Health::kHealthy);
  ASSERT_TRUE(StateOf(report, "cpu/psi"));
  EXPECT_EQ(StateOf(report, "cpu/psi")->health, Health::kUnknown);
}

}  // namespace
}  // namespace gpud::cpu
