// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sources/procfs/loadavg.h"
#include "sources/procfs/pressure.h"
#include "sources/procfs/stat.h"
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
