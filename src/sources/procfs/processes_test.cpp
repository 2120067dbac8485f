// SPDX-License-Identifier: Apache-2.0
#include "sources/procfs/processes.h"

#include <gtest/gtest.h>

#include "testing/fake_host.h"

namespace gpud::procfs {
namespace {

std::string StatLine(int pid, const std::string& name, char state, int parent, int start) {
  return std::to_string(pid) + " (" + name + ") " + state + " " + std::to_string(parent) +
         " 1 1 0 -1 4194560 100 0 0 0 7 5 0 0 20 0 1 0 " + std::to_string(start) + " 100 5 0\n";
}

TEST(ProcessStat, FindsTheEndOfANameWithBracketsAndBlanks) {
  const std::string line = StatLine(42, "a) R 1 (b", 'D', 7, 1234);
  const auto stat = ParseProcessStat(line);
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->pid, 42u);
  EXPECT_EQ(stat->name, "a) R 1 (b");
  EXPECT_EQ(stat->state, 'D');
  EXPECT_EQ(stat->parent, 7u);
  EXPECT_EQ(stat->cpu_ticks, 12u);
  EXPECT_EQ(stat->start_ticks, 1234u);
}

TEST(ProcessStat, RefusesEveryCutLine) {
  const std::string line = StatLine(42, "name", 'S', 1, 9);
  for (std::size_t n = 0; n < line.find(" 9 100"); ++n) {
    EXPECT_FALSE(ParseProcessStat(std::string_view(line).substr(0, n))) << n;
  }
}

TEST(Processes, CountsByStateAndDescribesTheDeadAndTheStuck) {
  FakeHost fake;
  Inputs in;
  fake.Write("/proc/1/stat", StatLine(1, "init", 'S', 0, 1));
  fake.Write("/proc/20/stat", StatLine(20, "sh", 'Z', 1, 2));
  fake.Write("/proc/30/stat", StatLine(30, "cp", 'D', 1, 3));
  fake.Write("/proc/30/status",
             "Name:\tcp\nvoluntary_ctxt_switches:\t120\nnonvoluntary_ctxt_switches:\t7\n");
  fake.Write("/proc/30/wchan", "rpc_wait_bit_killable");
  fake.Write("/proc/40/comm", "gone before its stat was read");
  fake.Write("/proc/uptime", "1 1\n");
  kProcesses.read(fake.host, in);
  const auto& all = in.Latest<Processes>();
  ASSERT_TRUE(all);
  EXPECT_EQ(all->total, 3u);
  EXPECT_EQ(all->sleeping, 1u);
  EXPECT_EQ(all->zombies, (std::vector<Zombie>{{20, 1, "sh"}}));
  ASSERT_EQ(all->blocked_processes.size(), 1u);
  EXPECT_EQ(all->blocked_processes[0].switches, 127u);
  EXPECT_EQ(all->blocked_processes[0].wait_channel, "rpc_wait_bit_killable");
}

TEST(Processes, NameTheDaemonsOfNvidiaButNotItsKernelThreads) {
  FakeHost fake;
  Inputs in;
  fake.Write("/proc/7/stat", StatLine(7, "nvidia-modeset/", 'S', 2, 1));
  fake.Write("/proc/8/stat", StatLine(8, "nvidia-imex", 'Z', 1, 1));
  fake.Write("/proc/9/stat", StatLine(9, "nv-fabricmanage", 'S', 1, 1));
  kProcesses.read(fake.host, in);
  EXPECT_EQ(in.Latest<Processes>()->nvidia_daemons,
            (std::vector<NvidiaDaemon>{{9, "nv-fabricmanage"}}));
}

TEST(Processes, DoNotFollowALinkOutOfTheFakeMachine) {
  FakeHost fake;
  Inputs in;
  fake.Link("/proc/1/stat", "/proc/self/stat");
  kProcesses.read(fake.host, in);
  EXPECT_FALSE(in.Latest<Processes>());
}

}  // namespace
}  // namespace gpud::procfs
