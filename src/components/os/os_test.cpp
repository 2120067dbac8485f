// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "sources/procfs/limits.h"
#include "sources/procfs/modules.h"
#include "sources/procfs/processes.h"
#include "testing/component_kit.h"

namespace gpud::os {
extern const ComponentType kType;
namespace {

using std::chrono::seconds;

/// A GPU node; plays the frame: keeps events, moves the clock.
class Machine {
 public:
  Machine() {
    in_.Put<procfs::Modules>(procfs::Modules{{"nvidia"}});
    limits.file_handles = procfs::FileHandles{100, 1000};
    limits.pid_max = 4'194'304;
  }
  Report Check(procfs::Processes processes, seconds after = seconds(15)) {
    boot_ += after;
    wall_ += after;
    in_.SetNow(boot_, wall_);
    processes.total += 100;
    processes.blocked = processes.blocked_processes.size();
    in_.Put<procfs::Processes>(std::move(processes));
    in_.Put<procfs::Limits>(limits);
    in_.SetHistory(events_, reboots, {});
    Report report = kType.check(in_);
    events_.insert(events_.begin(), report.events.begin(), report.events.end());
    return report;
  }
  int Count(std::string_view name) const {
    return static_cast<int>(std::count_if(events_.begin(), events_.end(),
                                          [&](const Event& event) { return event.name == name; }));
  }
  WallTime now() const { return wall_; }
  void WithoutDriver() { in_.Put<procfs::Modules>(procfs::Modules{}); }

  procfs::Limits limits;
  std::vector<WallTime> reboots;

 private:
  Inputs in_;
  std::vector<Event> events_;  // newest first
  BootTime boot_{std::chrono::hours(10)};
  WallTime wall_{seconds(1'772'352'000)};
};

procfs::Processes Blocked(const std::string& name, std::uint64_t switches = 5,
                          std::uint64_t start = 77) {
  procfs::Processes all;
  all.blocked_processes.push_back(
      {.pid = 42, .name = name, .start_ticks = start, .switches = switches});
  return all;
}

TEST(Os, SamplesProcessesAndFileHandles) {
  Machine machine;
  procfs::Processes processes;
  processes.zombie = 3;
  const Report report = machine.Check(processes);
  EXPECT_EQ(report.states.at(0).health, Health::kHealthy);
  EXPECT_EQ(SampleOf(report, "os_running_pids"), 100);
  EXPECT_EQ(SampleOf(report, "os_zombie_processes"), 3);
  EXPECT_EQ(SampleOf(report, "os_allocated_file_handles_percent"), 10);
  EXPECT_EQ(SampleOf(report, "os_threshold_running_pids"), 900'000);
}

TEST(Os, IsUnknownWhenProcCannotBeRead) {
  Inputs in;
  in.Put<procfs::Processes>(Fail(ErrorCode::kPermission, "/proc: no"));
  EXPECT_EQ(kType.check(in).states.at(0).health, Health::kUnknown);
}

TEST(Os, JudgesZombiesByConstantsOrByTheNumberOfProcessIds) {
  Machine machine;
  const auto health = [&](std::uint64_t zombies) {
    procfs::Processes processes;
    processes.zombie = zombies;
    return *machine.Check(processes).states.at(0).health;
  };
  EXPECT_EQ(health(1000), Health::kHealthy);
  EXPECT_EQ(health(1001), Health::kDegraded);
  EXPECT_EQ(health(2001), Health::kUnhealthy);
  machine.limits.pid_max = 1000;
  EXPECT_EQ(health(201), Health::kDegraded);
  EXPECT_EQ(health(401), Health::kUnhealthy);
}

TEST(Os, JudgesFileHandlesAndProcessesAtEightyAndNinetyFivePercent) {
  Machine machine;
  machine.limits.file_handles = procfs::FileHandles{810, 1000};
  EXPECT_EQ(machine.Check({}).states.at(0).health, Health::kDegraded);
  machine.limits.file_handles = procfs::FileHandles{960, 1000};
  const Report report = machine.Check({});
  EXPECT_EQ(report.states.at(0).health, Health::kUnhealthy);
  EXPECT_EQ(report.states[0].suggested_actions->repair_actions.at(0), RepairAction::kCheckUserApp);
}

TEST(Os, FileHandlesThatCannotBeReadAreAStateOfTheirOwn) {
  Machine machine;
  machine.limits.file_handles = Fail(ErrorCode::kPermission, "file-nr: no");
  const Report report = machine.Check({});
  EXPECT_EQ(report.states.at(0).health, Health::kHealthy);
  ASSERT_TRUE(StateOf(report, "os/file-handles"));
  EXPECT_FALSE(SampleOf(report, "os_allocated_file_handles"));
}

TEST(Os, AProcessOfTheDriverThatSleepsForFourMinutesAsksForAReboot) {
  Machine machine;
  machine.Check(Blocked("nvidia-smi"));
  EXPECT_EQ(machine.Count("blocked_process"), 0);
  machine.Check(Blocked("nvidia-smi"));
  EXPECT_EQ(machine.Count("blocked_process"), 1);
  EXPECT_EQ(machine.Check(Blocked("nvidia-smi"), seconds(239)).states.at(0).health,
            Health::kHealthy);
  const Report report = machine.Check(Blocked("nvidia-smi"), seconds(1));
  EXPECT_EQ(report.states.at(0).health, Health::kUnhealthy);
  EXPECT_EQ(report.states[0].reason,
            "1 process(es) blocked in the kernel: pid=42 name=nvidia-smi blocked=240s");
  EXPECT_EQ(report.states[0].suggested_actions->repair_actions.at(0), RepairAction::kReboot);
  EXPECT_EQ(SampleOf(report, "os_blocked_processes_persistent"), 1);
  EXPECT_EQ(machine.Count("blocked_processes_persistent"), 1);

  machine.Check(Blocked("nvidia-smi"));
  EXPECT_EQ(machine.Count("blocked_processes_persistent"), 1);
  EXPECT_EQ(machine.Check({}).states.at(0).health, Health::kHealthy);
  EXPECT_EQ(machine.Count("blocked_processes_recovered"), 1);
}

TEST(Os, AProcessThatWokeInBetweenOrHasAReusedPidIsNotStuck) {
  Machine machine;
  for (std::uint64_t i = 0; i < 40; ++i) machine.Check(Blocked("kworker/u8:1", i));
  for (std::uint64_t i = 0; i < 40; ++i) machine.Check(Blocked("cp", 5, i));
  EXPECT_EQ(machine.Count("blocked_process"), 0);
}

TEST(Os, OtherProcessesDegradeAndOnlyWhereTheDriverIsLoaded) {
  Machine machine;
  const auto run = [&] {
    machine.Check(Blocked("cp"));
    machine.Check(Blocked("cp"));
    return machine.Check(Blocked("cp"), seconds(300)).states.at(0);
  };
  EXPECT_EQ(run().health, Health::kDegraded);
  EXPECT_FALSE(run().suggested_actions);
  machine.WithoutDriver();
  EXPECT_EQ(run().health, Health::kHealthy);
}

TEST(Os, AsksForInspectionWhenTwoRebootsDidNotHelp) {
  Machine machine;
  machine.reboots = {machine.now() - std::chrono::hours(1), machine.now() - std::chrono::hours(2)};
  machine.Check(Blocked("nvidia-smi"));
  machine.Check(Blocked("nvidia-smi"));
  const Report report = machine.Check(Blocked("nvidia-smi"), seconds(300));
  EXPECT_EQ(report.states.at(0).suggested_actions->repair_actions.at(0),
            RepairAction::kInspectHardware);
}

TEST(Os, TellsPanicsAtOnceAndTheFileLimit) {
  const auto events =
      Match(kType, {"VFS: file-max limit 1000000 reached", "VFS: file-max limit x reached",
                    "Kernel panic - not syncing: Fatal exception", "a panic in the kernel"});
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].name, "vfs_file_max_limit_reached");
  EXPECT_EQ(events[1].name, "kernel_panic");
  EXPECT_EQ(events[1].message, "Kernel panic - not syncing: Fatal exception");
  EXPECT_EQ(events[1].type, EventType::kFatal);
}

}  // namespace
}  // namespace gpud::os
