// SPDX-License-Identifier: Apache-2.0
#include "components/memory/oom_matcher.h"

#include <gtest/gtest.h>

#include "testing/component_kit.h"

namespace gpud::memory {
extern const ComponentType kType;
namespace {

constexpr const char* kSummaryLine =
    "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=a.scope,mems_allowed=0-1,"
    "oom_memcg=/kubepods.slice/kubepods-pod3b_1d.slice,task_memcg=/kubepods.slice/"
    "kubepods-pod3b_1d.slice/cri-containerd-6f1a.scope,task=python3,pid=99211,uid=1000";

TEST(Oom, TellsEachVictimOfANewKernelWithItsContainer) {
  const auto found = Find(
      kType,
      {"python3 invoked oom-killer: gfp_mask=0x140cca, order=0, oom_score_adj=969",
       "Mem-Info:", kSummaryLine,
       "Memory cgroup out of memory: Killed process 99211 (python3) total-vm:2048kB, "
       "anon-rss:1024kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:136kB oom_score_adj:969",
       "oom_reaper: reaped process 99211 (python3), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB",
       "Memory cgroup out of memory: Killed process 99212 (worker) total-vm:1kB, anon-rss:1kB"});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].code, "oom_kill_cgroup");
  EXPECT_EQ(found[0].severity, EventType::kWarning);
  EXPECT_EQ(found[0].message, "OOM: killed process python3 (pid 99211) that held 1.0 MiB");
  EXPECT_EQ(found[0].details.at("container"), "6f1a");
  EXPECT_EQ(found[0].details.at("pod_uid"), "3b-1d");
  EXPECT_EQ(found[0].details.at("constraint"), "CONSTRAINT_MEMCG");
  EXPECT_EQ(found[0].details.at("uid"), "1000");
  EXPECT_EQ(found[0].details.at("anon_rss_kib"), "1024");
  EXPECT_EQ(found[1].details.at("pid"), "99212");
  EXPECT_EQ(found[1].details.at("container"), "6f1a");
  EXPECT_NE(found[0].part, found[1].part);
}

TEST(Oom, KnowsAKillOfTheWholeMachineAndNamesWithBlanksAndCommas) {
  const auto found = Find(
      kType, {"oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0-1,"
              "global_oom,task_memcg=/system.slice/t.service,task=Plex, Media) Serv,pid=7,uid=1",
              "Out of memory: Killed process 7 (Plex, Media) Serv) total-vm:1kB"});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].code, "oom_kill_global");
  EXPECT_EQ(found[0].severity, EventType::kCritical);
  EXPECT_EQ(found[0].message, "system OOM: killed process Plex, Media) Serv (pid 7)");
  EXPECT_EQ(found[0].details.at("scope"), "system");
}

TEST(Oom, JoinsTheAnnouncementAndTheKillOfOldKernelsWhateverTheProcess) {
  const auto found = Find(
      kType,
      {"java invoked oom-killer: gfp_mask=0x6000c0",
       "Task in /docker/abc killed as a result of limit of /docker/abc",
       "Memory cgroup out of memory: Kill process 4411 (java) score 1000 or sacrifice child",
       "Killed process 4410 (java) total-vm:33558652kB, anon-rss:31200920kB",
       "java invoked oom-killer: gfp_mask=0x6000c0", "Task in / killed as a result of limit of /",
       "Killed process 4411 (java) total-vm:33558652kB, anon-rss:31200920kB",
       "Out of memory: Kill process 5 (a) score 912 or sacrifice child",
       "Killed process 6, UID 0, (b) total-vm:1kB, anon-rss:1kB, file-rss:0kB",
       "Killed process (none)"});
  ASSERT_EQ(found.size(), 7u);
  const auto code_and_part = [&](std::size_t i) { return found[i].code + ' ' + found[i].part; };
  EXPECT_EQ(code_and_part(0), code_and_part(1));
  EXPECT_EQ(code_and_part(1), code_and_part(2));
  EXPECT_NE(code_and_part(2), code_and_part(3));
  EXPECT_EQ(code_and_part(3), code_and_part(4));
  EXPECT_EQ(code_and_part(5), code_and_part(6));
  EXPECT_EQ(found[2].code, "oom_kill_cgroup");
  EXPECT_EQ(found[2].details.at("container"), "abc");
  EXPECT_EQ(found[4].code, "oom_kill_global");
  EXPECT_EQ(found[6].details.at("process"), "b");
}

TEST(Oom, TellsTheSummaryWhenTheVictimsLineWasLost) {
  for (const char* next :
       {"x invoked oom-killer: gfp_mask=0x140cca",
        "oom_reaper: reaped process 99211 (python3), now anon-rss:0kB, file-rss:0kB"}) {
    const auto found = Find(kType, {kSummaryLine, next});
    ASSERT_EQ(found.size(), 1u) << next;
    EXPECT_EQ(found[0].message, "OOM: killed process python3 (pid 99211)");
    EXPECT_EQ(found[0].details.at("container"), "6f1a");
  }
}

TEST(Oom, TakesACpusetThatRanOutForTheWholeMachine) {
  const auto found = Find(
      kType,
      {"oom-kill:constraint=CONSTRAINT_CPUSET,nodemask=(null),cpuset=a.scope,mems_allowed=4,"
       "global_oom,task_memcg=/system.slice/containerd.service,task=containerd,pid=4100,uid=0",
       "Out of memory: Killed process 4100 (containerd) total-vm:4077036kB, anon-rss:51184kB"});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].code, "oom_kill_global");
  EXPECT_EQ(found[0].details.at("constraint"), "CONSTRAINT_CPUSET");
}

TEST(Oom, TakesTheWordsOfTheVictimsLineWhenTheSummaryIsOfAnother) {
  const auto found =
      Find(kType, {kSummaryLine, "Out of memory: Killed process 8 (b) total-vm:1kB"});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].code, "oom_kill_global");
  EXPECT_EQ(found[0].details.count("container"), 0u);
}

TEST(Oom, IsSilentOnStatisticsAndPrograms) {
  for (const char* line :
       {"oom_reaper: reaped process 99211 (python3), now anon-rss:0kB, file-rss:0kB",
        "Node 0 Normal free:421120kB boost:0kB min:421200kB low:1452100kB high:2483000kB",
        "Memory: 2113003232K/2147483648K available (22528K kernel code, 4424K rwdata)",
        "kubelet invoked oom-killer: gfp_mask=0x140cca", kSummaryLine}) {
    EXPECT_EQ(Told(kType, line), "") << line;
  }
}

}  // namespace
}  // namespace gpud::memory
