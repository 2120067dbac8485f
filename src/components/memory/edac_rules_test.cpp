// SPDX-License-Identifier: Apache-2.0
#include "components/memory/edac_rules.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "testing/component_kit.h"

namespace gpud::memory {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

/// A machine with one module; plays the frame: keeps events, moves the clock.
class Machine {
 public:
  Machine() { Advance(hours(10)); }

  void Advance(std::chrono::microseconds by) {
    boot_ += by;
    wall_ += by;
    in_.SetNow(boot_, wall_);
  }
  void Reboot() {
    RestartGpud();
    boot_ = BootTime(minutes(1));
    Advance(minutes(1));
  }
  void RestartGpud() { in_ = Inputs(); }
  void SetHealthy() {
    cleared_ = wall_;
    std::erase_if(events_, [&](const Event& event) { return event.time <= cleared_; });
  }
  HealthState Check(std::uint64_t corrected, std::uint64_t uncorrected) {
    in_.SetNow(boot_, wall_);
    sysfs::Edac edac;
    sysfs::Dimm dimm{.name = "mc0/dimm0", .label = "A1"};
    dimm.corrected = corrected;
    dimm.uncorrected = uncorrected;
    sysfs::MemoryController controller{.name = "mc0"};
    controller.corrected = corrected;
    controller.uncorrected = uncorrected;
    controller.dimms.push_back(dimm);
    edac.controllers.push_back(controller);
    in_.Put<sysfs::Edac>(edac);
    in_.SetHistory(events_, {}, cleared_);
    report = Report();
    Findings findings;
    JudgeEdac(in_, edac, report, findings);
    events_.insert(events_.begin(), report.events.begin(), report.events.end());
    return findings.ToState("memory");
  }
  int Count(std::string_view name) const {
    return static_cast<int>(std::count_if(events_.begin(), events_.end(),
                                          [&](const Event& event) { return event.name == name; }));
  }
  Report report;

 private:
  Inputs in_;
  std::vector<Event> events_;  // newest first
  BootTime boot_{};
  WallTime wall_{std::chrono::seconds(1'772'352'000)}, cleared_{};
};

TEST(Edac, UncorrectedErrorsAreUnhealthyUntilAPersonSaysOtherwise) {
  Machine machine;
  EXPECT_EQ(machine.Check(0, 0).health, Health::kHealthy);
  machine.Advance(minutes(1));
  const HealthState bad = machine.Check(0, 2);
  EXPECT_EQ(bad.health, Health::kUnhealthy);
  EXPECT_EQ(bad.reason, "uncorrected memory errors on mc0/dimm0");
  EXPECT_EQ(bad.suggested_actions->repair_actions.at(0), RepairAction::kInspectHardware);
  EXPECT_EQ(machine.report.events.at(0).message,
            "2 uncorrected error(s) on memory module mc0/dimm0 (A1)");
  EXPECT_EQ(machine.report.events[0].type, EventType::kFatal);
  machine.Reboot();  // counts from zero, but the module is the same
  EXPECT_EQ(machine.Check(0, 0).health, Health::kUnhealthy);
  machine.SetHealthy();
  EXPECT_EQ(machine.Check(0, 0).health, Health::kHealthy);
}

TEST(Edac, ARestartOfGpudTellsNothingTwiceAndMissesNothing) {
  Machine machine;
  machine.Check(0, 1);  // there before gpud was
  EXPECT_EQ(machine.Count("edac_uncorrected"), 1);
  machine.RestartGpud();
  machine.Advance(minutes(1));
  machine.Check(0, 1);
  EXPECT_EQ(machine.Count("edac_uncorrected"), 1);
  machine.RestartGpud();
  machine.Advance(minutes(1));
  machine.Check(0, 3);
  EXPECT_EQ(machine.Count("edac_uncorrected"), 2);
}

TEST(Edac, WhatWasClearedStaysClearedOverARestart) {
  Machine machine;
  machine.Check(0, 5);
  machine.Advance(minutes(1));
  machine.SetHealthy();
  machine.RestartGpud();
  machine.Advance(minutes(1));
  EXPECT_EQ(machine.Check(0, 5).health, Health::kHealthy);
  machine.Advance(minutes(1));
  EXPECT_EQ(machine.Check(0, 6).health, Health::kUnhealthy);
}

TEST(Edac, ASingleCorrectedErrorIsOnlyNoted) {
  Machine machine;
  machine.Check(40, 0);
  machine.Advance(minutes(1));
  EXPECT_EQ(machine.Check(41, 0).health, Health::kHealthy);
  EXPECT_EQ(machine.Count("edac_corrected"), 1);
  machine.Advance(minutes(1));
  machine.Check(45, 0);
  EXPECT_EQ(machine.Count("edac_corrected"), 1);  // once an hour
}

TEST(Edac, AHundredCorrectedErrorsInAnHourAreAStormForADay) {
  Machine machine;
  machine.Check(0, 0);
  machine.Advance(minutes(1));
  EXPECT_EQ(machine.Check(60, 0).health, Health::kHealthy);
  machine.Advance(minutes(30));
  EXPECT_EQ(machine.Check(101, 0).health, Health::kDegraded);
  EXPECT_EQ(machine.Count("edac_corrected_storm"), 1);
  machine.Advance(minutes(1));
  machine.Check(5000, 0);
  EXPECT_EQ(machine.Count("edac_corrected_storm"), 1);  // told once an hour at most
  machine.Advance(hours(25));
  EXPECT_EQ(machine.Check(5000, 0).health, Health::kHealthy);
}

TEST(Edac, AThousandInADayAreAStormHoweverEven) {
  Machine machine;
  std::uint64_t count = 0;
  machine.Check(count, 0);
  Health health = Health::kHealthy;
  for (int hour = 0; hour < 20 && health == Health::kHealthy; ++hour) {
    machine.Advance(hours(1) + minutes(1));
    health = *machine.Check(count += 70, 0).health;
  }
  EXPECT_EQ(health, Health::kDegraded);
  EXPECT_GE(count, 1000u);
}

}  // namespace
}  // namespace gpud::memory
