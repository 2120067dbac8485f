// SPDX-License-Identifier: Apache-2.0
#include "plugins/cgroup.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "testing/fake_host.h"

namespace gpud::plugins {
namespace {

using Words = std::vector<std::string>;

constexpr Limits kLimits{.memory_bytes = 1000, .cpus = 0.5, .pids = 7};

/// A machine whose groups are files; a group is there before, as a folder gets no files by mkdir.
class RunGroupTest : public testing::Test {
 protected:
  void Mount(const std::string& line) { mounts_ += "30 25 0:26 / " + line + "\n"; }
  void Files(const std::string& folder, const Words& names) {
    for (const std::string& name : names) machine_.Write(folder + '/' + name, "");
  }
  RunGroup Make() {
    machine_.Write("/proc/self/mountinfo", mounts_);
    return RunGroup(kLimits, "gpud-plugin-1", machine_.Path(""));
  }
  std::string Text(const std::string& path) { return machine_.root.Read(path).value_or("(none)"); }

  FakeHost machine_;
  std::string mounts_;
};

TEST_F(RunGroupTest, SetsAllLimitsByV2) {
  Mount("/sys/fs/cgroup rw - cgroup2 cgroup2 rw");
  machine_.Write("/proc/self/cgroup", "0::/gpud.service\n");
  const std::string parent = "/sys/fs/cgroup/gpud.service";
  machine_.Write(parent + "/cgroup.controllers", "cpuset cpu memory pids\n");
  machine_.Write(parent + "/cgroup.subtree_control", "cpu memory pids\n");
  Files(parent + "/gpud-plugin-1",
        {"cgroup.procs", "memory.max", "pids.max", "cpu.weight", "cpu.max"});
  const RunGroup group = Make();
  EXPECT_EQ(group.lacking(), Words{});
  EXPECT_EQ(Text(parent + "/gpud-plugin-1/memory.max"), "1000");
  EXPECT_EQ(Text(parent + "/gpud-plugin-1/pids.max"), "7");
  EXPECT_EQ(Text(parent + "/gpud-plugin-1/cpu.max"), "50000 100000");
  EXPECT_EQ(Text(parent + "/gpud-plugin-1/cpu.weight"), "25");
  group.Enter();
  EXPECT_EQ(Text(parent + "/gpud-plugin-1/cgroup.procs"), "0");
  group.StopForks();
  EXPECT_EQ(Text(parent + "/gpud-plugin-1/pids.max"), "0");
}

TEST_F(RunGroupTest, GoesBesideTheLeafThatGpudHasMovedTo) {
  Mount("/sys/fs/cgroup rw - cgroup2 cgroup2 rw");
  machine_.Write("/proc/self/cgroup", "0::/gpud.service/gpud-daemon\n");
  const std::string parent = "/sys/fs/cgroup/gpud.service";
  machine_.Write(parent + "/cgroup.controllers", "memory pids\n");
  machine_.Write(parent + "/cgroup.subtree_control", "memory pids\n");
  Files(parent + "/gpud-plugin-1", {"cgroup.procs", "memory.max", "pids.max"});
  EXPECT_EQ(Make().lacking(), Words{"cpu"});
}

TEST_F(RunGroupTest, SetsThemByV1WhereThatIsWhatThereIs) {
  Mount("/sys/fs/cgroup/memory rw - cgroup cgroup rw,memory");
  Mount("/sys/fs/cgroup/pids rw - cgroup cgroup rw,pids");
  Mount("/sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw");
  machine_.Write("/proc/self/cgroup", "8:pids:/\n4:memory:/some/where\n0::/\n");
  Files("/sys/fs/cgroup/memory/some/where/gpud-plugin-1",
        {"cgroup.procs", "memory.limit_in_bytes"});
  Files("/sys/fs/cgroup/pids/gpud-plugin-1", {"cgroup.procs", "pids.max"});
  const RunGroup group = Make();
  EXPECT_EQ(group.lacking(), Words{"cpu"});
  EXPECT_TRUE(group.HasLimit("memory"));
  EXPECT_FALSE(group.HasLimit("cpu"));
  EXPECT_EQ(Text("/sys/fs/cgroup/memory/some/where/gpud-plugin-1/memory.limit_in_bytes"), "1000");
  EXPECT_EQ(Text("/sys/fs/cgroup/pids/gpud-plugin-1/pids.max"), "7");
}

TEST_F(RunGroupTest, GoesWithoutWhereThereIsNoneAndSaysSo) {
  EXPECT_EQ(Make().lacking(), (Words{"memory", "pids", "cpu"}));
}

}  // namespace
}  // namespace gpud::plugins
