// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "sources/host/last_shutdown.h"
#include "sources/host/pstore.h"
#include "sources/host/time_sync.h"
#include "sources/procfs/kernel_state.h"
#include "sources/procfs/limits.h"
#include "sources/procfs/loadavg.h"
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
    limits.threads_max = Fail(ErrorCode::kNotFound, "no such file");
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
  void Happened(Event event) { events_.insert(events_.begin(), std::move(event)); }
  void Kept(host::Pstore pstore) { in_.Put<host::Pstore>(std::move(pstore)); }
  void Ended(host::LastShutdown how) { in_.Put<host::LastShutdown>(how); }
  template <class T>
  void Read(Result<T> reading) {
    in_.Put<T>(std::move(reading));
  }
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

TEST(Os, JudgesThreadsByTheLowerOfBothLimits) {
  Machine machine;
  machine.limits.pid_max = 32'768;
  machine.limits.threads_max = 500'000;
  machine.Read<procfs::LoadAverage>(procfs::LoadAverage{.threads = 26'000});
  EXPECT_EQ(machine.Check({}).states.at(0).health, Health::kHealthy);
  machine.Read<procfs::LoadAverage>(procfs::LoadAverage{.threads = 27'000});
  const Report report = machine.Check({});
  EXPECT_EQ(report.states.at(0).health, Health::kDegraded);
  EXPECT_EQ(report.states[0].reason, "threads at 82.40 % of the limit");
  EXPECT_EQ(SampleOf(report, "os_threshold_threads"), 32'768);
}

TEST(Os, TellsOfTheClockAndTheKernelsMarksWithoutJudgingThem) {
  Machine machine;
  machine.Read<host::TimeSync>(host::TimeSync{.offset_seconds = 0.25, .error_seconds = 16});
  machine.Read<procfs::KernelState>(
      procfs::KernelState{.taint = 0x1201, .entropy_bits = 256, .cgroup_version = "2"});
  machine.Read<procfs::Modules>(procfs::Modules{{"nvidia", "ext4"}, {"nvidia"}});
  const Report report = machine.Check({});
  EXPECT_EQ(report.states.at(0).health, Health::kHealthy);
  EXPECT_EQ(SampleOf(report, "os_time_synchronised"), 0);
  EXPECT_EQ(SampleOf(report, "os_time_offset_seconds"), 0.25);
  EXPECT_EQ(SampleOf(report, "os_kernel_taint"), 0x1201);
  const std::string& data = report.states[0].extra_info.at("data");
  EXPECT_NE(data.find(R"("kernel_state":{"time":{"synchronised":false,"offset_seconds":"0.25",)"
                      R"("error_seconds":"16"},"cgroup_version":"2",)"
                      R"("taint":["proprietary module","warning","out-of-tree module"],)"
                      R"("out_of_tree_modules":["nvidia"]})"),
            std::string::npos)
      << data;
}

TEST(Os, AClockThatMayNotBeAskedIsAStateOfItsOwn) {
  Machine machine;
  machine.Read<host::TimeSync>(Fail(ErrorCode::kPermission, "adjtimex: no"));
  machine.Read<procfs::KernelState>(Fail(ErrorCode::kNotFound, "no such file"));
  const Report report = machine.Check({});
  EXPECT_EQ(report.states.at(0).health, Health::kHealthy);
  ASSERT_TRUE(StateOf(report, "os/time"));
  EXPECT_FALSE(StateOf(report, "os/kernel-state"));
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

TEST(Os, APanicIsUnhealthyUntilTheReboot) {
  Machine machine;
  Event panic = Match(kType, {"Kernel panic - not syncing: Fatal exception"}).at(0);
  panic.time = machine.now();
  machine.Happened(panic);
  const HealthState state = machine.Check({}).states.at(0);
  EXPECT_EQ(state.health, Health::kUnhealthy);
  EXPECT_EQ(state.suggested_actions->repair_actions.at(0), RepairAction::kReboot);
  machine.reboots = {machine.now()};
  EXPECT_EQ(machine.Check({}).states.at(0).health, Health::kHealthy);
}

TEST(Os, SaysWhyTheMachineWasStartedWhereThatIsKnown) {
  Machine machine;
  const auto cause = [&] {
    const std::string data = machine.Check({}).states.at(0).extra_info.at("data");
    const std::size_t at = data.find("reboot_cause\":\"");
    return at == std::string::npos ? "" : data.substr(at + 15, data.find('"', at + 15) - at - 15);
  };
  EXPECT_EQ(cause(), "");
  machine.Ended({});
  EXPECT_EQ(cause(), "");
  machine.Ended({.orderly = true});
  EXPECT_EQ(cause(), "shut down in order");
  machine.Ended({.orderly = false});
  EXPECT_EQ(cause(), "not shut down in order: a crash, a reset or a loss of power");
  machine.Ended({.orderly = false, .by_watchdog = true});
  EXPECT_EQ(cause(), "a hardware watchdog reset the machine");
  const auto booted = machine.now() - std::chrono::hours(10);
  machine.Kept(
      {.panics = {{"f", std::chrono::duration_cast<seconds>(booted.time_since_epoch()).count(),
                   "Kernel panic - not syncing: x"}}});
  EXPECT_EQ(cause(), "Kernel panic - not syncing: x");
}

TEST(Os, TellsAPanicOfAnEarlierBootOnceWithTheTimeOfItsRecord) {
  Machine machine;
  const auto hours_ago = [&](int hours) {
    return std::chrono::duration_cast<seconds>(
               (machine.now() - std::chrono::hours(hours)).time_since_epoch())
        .count();
  };
  const std::int64_t time = hours_ago(2);
  machine.Kept({.panics = {{"/sys/fs/pstore/dmesg-efi-1", time, "Kernel panic - not syncing: x"},
                           {"/var/lib/systemd/pstore/1/dmesg.txt", hours_ago(24 * 15), "old"}}});
  const Report report = machine.Check({});
  ASSERT_EQ(report.events.size(), 1u);
  EXPECT_EQ(report.events[0].name, "kernel_panic_last_boot");
  EXPECT_EQ(report.events[0].time, WallTime(seconds(time)));
  EXPECT_EQ(report.events[0].message, "an earlier boot ended so: Kernel panic - not syncing: x");
  EXPECT_EQ(report.states.at(0).health, Health::kHealthy);
  EXPECT_TRUE(machine.Check({}).events.empty());
}

}  // namespace
}  // namespace gpud::os
