// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sources/host/shared_memory.h"
#include "sources/procfs/meminfo.h"
#include "sources/procfs/pressure.h"
#include "sources/procfs/vmstat.h"
#include "sources/sysfs/numa.h"
#include "testing/component_kit.h"

namespace gpud::memory {
extern const ComponentType kType;
namespace {

Inputs Good() {
  Inputs in;
  in.SetNow(BootTime(std::chrono::hours(100)), WallTime(std::chrono::seconds(1'772'352'000)));
  in.Put<procfs::Meminfo>(
      procfs::Meminfo{.total_bytes = 1000, .free_bytes = 100, .available_bytes = 250});
  in.Put<procfs::Vmstat>(procfs::Vmstat{.oom_kills = 2});
  return in;
}

TEST(Memory, SamplesWhatIsKnownAndLeavesOutWhatIsNot) {
  const Report report = kType.check(Good());
  EXPECT_EQ(report.states.at(0).health, Health::kHealthy);
  EXPECT_EQ(SampleOf(report, "memory_used_bytes"), 750);
  EXPECT_EQ(SampleOf(report, "memory_used_percent"), 75);
  EXPECT_EQ(SampleOf(report, "memory_oom_kills_total"), 2);
  EXPECT_FALSE(SampleOf(report, "memory_swap_in_bytes_total"));
  EXPECT_EQ(report.states.size(), 1u);  // no PSI and no EDAC are no states
}

TEST(Memory, IsUnknownWhenMeminfoCannotBeRead) {
  Inputs in;
  in.Put<procfs::Meminfo>(Fail(ErrorCode::kIo, "/proc/meminfo: broken"));
  EXPECT_EQ(kType.check(in).states.at(0).health, Health::kUnknown);
}

TEST(Memory, IsDegradedWhileNothingRunsForWantOfMemory) {
  Inputs in = Good();
  procfs::Pressure memory;
  memory.full = procfs::Stall{.avg60_percent = 12.5};
  procfs::Pressures all;
  all.memory = memory;
  in.Put<procfs::Pressures>(all);
  const Report report = kType.check(in);
  EXPECT_EQ(report.states.at(0).health, Health::kDegraded);
  EXPECT_EQ(report.states[0].reason, "all tasks waited for memory 12 % of the last minute");
}

TEST(Memory, TellsHugePagesAndNodes) {
  Inputs in = Good();
  procfs::Meminfo memory = *in.Latest<procfs::Meminfo>();
  EXPECT_FALSE(SampleOf(kType.check(in), "memory_huge_pages"));  // a kernel without them
  memory.huge_pages = 8;
  memory.huge_pages_free = 3;
  memory.huge_page_bytes = 2 << 20;
  in.Put<procfs::Meminfo>(memory);
  const sysfs::NumaTraffic traffic{.hits = 10, .misses = 2, .foreign = 3};
  in.Put<sysfs::Numa>(sysfs::Numa{{{.id = 0, .total_bytes = 500, .traffic = traffic},
                                   {.id = 1, .total_bytes = 400, .free_bytes = 7}}});
  const Report report = kType.check(in);
  EXPECT_EQ(SampleOf(report, "memory_huge_pages_free"), 3);
  EXPECT_EQ(SampleOf(report, "memory_numa_bytes", {{"node", "1"}}), 400);
  EXPECT_EQ(SampleOf(report, "memory_numa_misses_total", {{"node", "0"}}), 2);
  EXPECT_FALSE(SampleOf(report, "memory_numa_misses_total", {{"node", "1"}}));
  in.Put<sysfs::Numa>(sysfs::Numa{{{.id = 0, .total_bytes = 500}}});
  EXPECT_FALSE(SampleOf(kType.check(in), "memory_numa_bytes", {{"node", "0"}}));
}

TEST(Memory, IsDegradedWhileSharedMemoryIsFull) {
  Inputs in = Good();
  const auto health = [&](std::uint64_t size, std::uint64_t used) {
    in.Put<host::SharedMemory>(host::SharedMemory{size, used});
    return kType.check(in).states.at(0).health;
  };
  EXPECT_EQ(health(1000, 980), Health::kHealthy);
  EXPECT_EQ(health(1000, 990), Health::kDegraded);
  EXPECT_EQ(health(0, 0), Health::kHealthy);  // without a limit
}

TEST(Memory, WhatMayNotBeReadIsAStateOfItsOwnAndWhatIsNotThereIsNone) {
  Inputs in = Good();
  in.Put<host::SharedMemory>(Fail(ErrorCode::kPermission, "/dev/shm: no"));
  in.Put<sysfs::Numa>(Fail(ErrorCode::kUnsupported, "no nodes"));
  const Report report = kType.check(in);
  EXPECT_EQ(report.states.at(0).health, Health::kHealthy);
  ASSERT_EQ(report.states.size(), 2u);
  EXPECT_EQ(report.states[1].name, "memory/shm");
}

Event OomEvent(const Inputs& in, std::chrono::minutes ago, const char* scope) {
  return {.time = in.Now() - ago, .name = "OOM", .extra_info = {{"scope", scope}}};
}

TEST(Memory, IsDegradedForAnHourByAKillInTheWholeMachineOnly) {
  using std::chrono::minutes;
  Inputs in = Good();
  const auto state = [&](std::vector<Event> events) {
    in.SetHistory(std::move(events), {}, {});
    return kType.check(in).states.at(0);
  };
  const auto system = [&](int ago) { return OomEvent(in, minutes(ago), "system"); };
  const auto cgroup = [&](int ago) { return OomEvent(in, minutes(ago), "cgroup"); };
  EXPECT_EQ(state({system(59)}).reason, "the machine ran out of memory within the last hour");
  EXPECT_EQ(state({system(1), system(2), system(59)}).health, Health::kDegraded);
  EXPECT_EQ(state({system(61)}).health, Health::kHealthy);
  EXPECT_EQ(state({cgroup(1), cgroup(2), cgroup(3)}).health, Health::kHealthy);
}

TEST(Memory, SaysHowManyOfTheKillsWereInjected) {
  Inputs in = Good();
  std::vector<Event> events(3, OomEvent(in, std::chrono::minutes(1), "system"));
  for (Event& event : events) event.origin = Origin::kKernel;
  events[0].origin = Origin::kInjected;
  in.SetHistory(events, {}, {});
  EXPECT_EQ(kType.check(in).states.at(0).reason,
            "the machine ran out of memory 3 times in an hour, 1 of them injected");
}

}  // namespace
}  // namespace gpud::memory
