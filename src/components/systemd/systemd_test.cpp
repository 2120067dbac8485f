// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sources/systemd/units.h"
#include "testing/component_kit.h"
#include "testing/fake_host.h"

namespace gpud::systemd {
extern const ComponentType kType;
namespace {

const WallTime kNow{std::chrono::hours(500'000)};

Inputs Seen(const std::vector<Unit>& readings) {
  Inputs in;
  in.SetNow(BootTime(std::chrono::hours(9)), kNow);
  for (const Unit& unit : readings) in.Put<Units>(Units{.watched = {unit}});
  return in;
}
Health HealthOf(const std::vector<Unit>& readings) {
  return *kType.check(Seen(readings)).states.at(0).health;
}

Unit Failed() {
  return {.name = "kubelet.service",
          .active = "failed",
          .sub = "failed",
          .file = "enabled",
          .result = "exit-code",
          .restarts = 5,
          .changed = kNow - std::chrono::minutes(1)};
}

TEST(Systemd, IsDegradedWhenAnEnabledServiceHasFailedForAMinute) {
  const Report report = kType.check(Seen({Failed()}));
  EXPECT_EQ(report.states.at(0).health, Health::kDegraded);
  EXPECT_EQ(report.states[0].reason, "kubelet.service has failed (exit-code)");
  const Labels unit{{"unit", "kubelet.service"}};
  EXPECT_EQ(SampleOf(report, "systemd_unit_active", unit), 0);
  EXPECT_EQ(SampleOf(report, "systemd_unit_restarts_total", unit), 5);
}

TEST(Systemd, IsSilentOnWhatIsDisabledStoppedOrHasOnlyJustFailed) {
  Unit disabled = Failed();
  disabled.file = "disabled";
  Unit stopped = Failed();
  stopped.active = "inactive";
  Unit just_now = Failed();
  just_now.changed = kNow - std::chrono::seconds(59);
  for (const Unit& unit : {disabled, stopped, just_now}) {
    EXPECT_EQ(HealthOf({unit, unit}), Health::kHealthy);
  }
}

TEST(Systemd, IsDegradedWhileAServiceIsRestartedAgainAndAgain) {
  Unit runs = Failed();
  runs.active = "active";
  runs.sub = "running";
  Unit again = runs;
  again.restarts = 7;
  EXPECT_EQ(HealthOf({runs, again}), Health::kHealthy);
  again.restarts = 8;
  EXPECT_EQ(HealthOf({runs, again}), Health::kDegraded);
  EXPECT_EQ(HealthOf({again, runs}), Health::kHealthy);  // counted anew
  Unit waits = runs;
  waits.sub = "auto-restart";
  EXPECT_EQ(HealthOf({runs, waits}), Health::kHealthy);
  EXPECT_EQ(HealthOf({waits, waits}), Health::kDegraded);
}

TEST(Systemd, CountsOtherFailedUnitsAndDoesNotJudgeThem) {
  Inputs in;
  in.Put<Units>(Units{.failed = {"motd-news.service"}, .failed_count = 1});
  const Report report = kType.check(in);
  EXPECT_EQ(report.states.at(0).health, Health::kHealthy);
  EXPECT_EQ(SampleOf(report, "systemd_units_failed"), 1);
  EXPECT_NE(report.states[0].extra_info.at("data").find("motd-news"), std::string::npos);
}

TEST(Systemd, IsNotSupportedWhereItDoesNotRunAndUnknownWhereItMayNotBeAsked) {
  FakeHost fake;
  Inputs in;
  kUnits.read(fake.host, in);
  EXPECT_EQ(kType.supported(in).reason, "systemd does not run this machine");
  fake.Write("/run/systemd/system/keep", "");
  kUnits.read(fake.host, in);
  EXPECT_EQ(kType.supported(in).reason, "/run/dbus/system_bus_socket: D-Bus does not run");
  in.Put<Units>(Fail(ErrorCode::kPermission, "systemd over D-Bus: Access denied"));
  EXPECT_TRUE(kType.supported(in).supported);
  EXPECT_EQ(kType.check(in).states.at(0).health, Health::kUnknown);
}

}  // namespace
}  // namespace gpud::systemd
