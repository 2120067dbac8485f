// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sources/procfs/meminfo.h"
#include "sources/procfs/pressure.h"
#include "sources/procfs/vmstat.h"
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

Event OomEvent(const Inputs& in, std::chrono::minutes ago, const char* scope) {
  return {.time = in.Now() - ago, .name = "OOM", .extra_info = {{"scope", scope}}};
}

TEST(Memory, IsDegradedByThreeKillsOfTheWholeMachineInAnHourOnly) {
  using std::chrono::minutes;
  Inputs in = Good();
  const auto health = [&](std::vector<Event> events) {
    in.SetHistory(std::move(events), {}, {});
    return *kType.check(in).states.at(0).health;
  };
  const auto system = [&](int ago) { return OomEvent(in, minutes(ago), "system"); };
  const auto cgroup = [&](int ago) { return OomEvent(in, minutes(ago), "cgroup"); };
  EXPECT_EQ(health({system(1), system(2), system(59)}), Health::kDegraded);
  EXPECT_EQ(health({system(1), system(2), system(61)}), Health::kHealthy);
  EXPECT_EQ(health({cgroup(1), cgroup(2), cgroup(3)}), Health::kHealthy);
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

TEST(Oom, TellsOneEventForEachVictimOfANewKernel) {
  const auto events = Match(
      kType,
      {"python3 invoked oom-killer: gfp_mask=0x140cca, order=0, oom_score_adj=969", "Mem-Info:",
       "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=a.scope,mems_allowed=0-1,"
       "oom_memcg=/kubepods/x,task_memcg=/kubepods/x/a.scope,task=python3,pid=99211,uid=0",
       "Memory cgroup out of memory: Killed process 99211 (python3) total-vm:1kB, anon-rss:1kB",
       "Memory cgroup out of memory: Killed process 99212 (worker) total-vm:1kB, anon-rss:1kB"});
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].message, "OOM: killed process python3 (pid 99211)");
  EXPECT_EQ(events[0].extra_info.at("cgroup"), "/kubepods/x/a.scope");
  EXPECT_EQ(events[1].message, "OOM: killed process worker (pid 99212)");
}

TEST(Oom, KnowsAKillOfTheWholeMachineAndNamesWithBlanksAndCommas) {
  const auto events = Match(
      kType, {"oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0-1,"
              "global_oom,task_memcg=/system.slice/t.service,task=Plex, Media) Serv,pid=7,uid=1",
              "Out of memory: Killed process 7 (Plex, Media) Serv) total-vm:1kB"});
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].message, "system OOM: killed process Plex, Media) Serv (pid 7)");
  EXPECT_EQ(events[0].extra_info.at("scope"), "system");
}

TEST(Oom, UnderstandsKernelsBefore5) {
  const auto events = Match(
      kType,
      {"java invoked oom-killer: gfp_mask=0x6000c0",
       "Task in /docker/abc killed as a result of limit of /docker/abc",
       "Memory cgroup out of memory: Kill process 4411 (java) score 1000 or sacrifice child",
       "Killed process 4411 (java) total-vm:33558652kB, anon-rss:31200920kB",
       "java invoked oom-killer: gfp_mask=0x6000c0", "Task in / killed as a result of limit of /",
       "Killed process 4412 (java) total-vm:33558652kB, anon-rss:31200920kB",
       "Killed process (none)"});
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].message, "OOM: killed process java (pid 4411)");
  EXPECT_EQ(events[0].extra_info.at("cgroup"), "/docker/abc");
  EXPECT_EQ(events[1].message, "system OOM: killed process java (pid 4412)");
}

}  // namespace
}  // namespace gpud::memory
