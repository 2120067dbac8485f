// SPDX-License-Identifier: Apache-2.0
#include "sources/sysfs/cgroups.h"

#include <gtest/gtest.h>

#include "testing/fake_host.h"

namespace gpud::sysfs {
namespace {

Result<Cgroups> Read(const FakeHost& fake) {
  Inputs in;
  kCgroups.read(fake.host, in);
  return in.Latest<Cgroups>();
}

TEST(Cgroups, OfVersionTwoTellWhatAContainerUsesAndMayUse) {
  FakeHost fake;
  fake.Write("/sys/fs/cgroup/cgroup.controllers", "cpu memory io\n");
  fake.Write("/sys/fs/cgroup/system.slice/ssh.service/cpu.stat", "usage_usec 1\n");
  const std::string path =
      "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod3b1d_9c0e.slice/"
      "cri-containerd-6f1a.scope";
  const auto write = [&](const std::string& file, std::string_view text) {
    fake.Write("/sys/fs/cgroup" + path + "/" + file, text);
  };
  write(
      "cpu.stat",
      "usage_usec 2500000\nuser_usec 1\nnr_periods 100\nnr_throttled 25\nthrottled_usec 500000\n");
  write("cpu.max", "200000 100000\n");
  write("memory.current", "1000000\n");
  write("memory.stat", "anon 5\ninactive_file 400000\n");
  write("memory.max", "max\n");
  write("memory.events", "low 0\noom 2\noom_kill 1\n");
  write("io.stat", "8:0 rbytes=10 wbytes=20 rios=1\n259:0 rbytes=5 wbytes=0\n");
  write("io.pressure", "some avg10=12.50 avg60=0.00 avg300=0.00 total=9\n");
  write("child/cpu.stat", "usage_usec 1\n");
  const auto all = Read(fake);
  ASSERT_TRUE(all);
  EXPECT_EQ(all->version, 2);
  ASSERT_EQ(all->groups.size(), 1u);
  const Cgroup& group = *all->Find(path);
  EXPECT_EQ(group.container, "6f1a");
  EXPECT_EQ(group.pod_uid, "3b1d-9c0e");
  EXPECT_EQ(group.cpu_seconds, 2.5);
  EXPECT_EQ(group.cpu_limit_cores, 2.0);
  EXPECT_EQ(group.periods, 100u);
  EXPECT_EQ(group.throttled, 25u);
  EXPECT_EQ(group.throttled_seconds, 0.5);
  EXPECT_EQ(group.memory_bytes, 600'000u);
  EXPECT_FALSE(group.memory_limit_bytes);
  EXPECT_EQ(group.oom_kills, 1u);
  EXPECT_EQ(group.read_bytes, 15u);
  EXPECT_EQ(group.written_bytes, 20u);
  EXPECT_EQ(group.io_pressure, 12.5);
  EXPECT_FALSE(group.cpu_pressure);
}

TEST(Cgroups, OfVersionOneTellTheSameFromThreeHierarchies) {
  FakeHost fake;
  const std::string job = "/slurm/uid_1000/job_4711";
  const auto write = [&](const std::string& controller, const std::string& file,
                         std::string_view text) {
    fake.Write("/sys/fs/cgroup/" + controller + job + "/" + file, text);
  };
  write("cpu", "cpu.cfs_quota_us", "50000\n");
  write("cpu", "cpu.cfs_period_us", "100000\n");
  write("cpu", "cpu.stat", "nr_periods 4\nnr_throttled 1\nthrottled_time 1000000000\n");
  write("cpuacct", "cpuacct.usage", "3000000000\n");
  write("memory", "memory.usage_in_bytes", "100\n");
  write("memory", "memory.stat", "total_inactive_file 300\n");
  write("memory", "memory.limit_in_bytes", "9223372036854771712\n");
  write("memory", "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n");
  write("memory", "step_0/memory.usage_in_bytes", "100\n");
  write("blkio", "blkio.throttle.io_service_bytes", "8:0 Read 7\n8:0 Write 8\nTotal 15\n");
  const auto all = Read(fake);
  ASSERT_TRUE(all);
  EXPECT_EQ(all->version, 1);
  ASSERT_EQ(all->groups.size(), 1u);
  const Cgroup& group = all->groups[0];
  EXPECT_EQ(group.slurm_job, "4711");
  EXPECT_EQ(group.cpu_seconds, 3.0);
  EXPECT_EQ(group.cpu_limit_cores, 0.5);
  EXPECT_EQ(group.throttled_seconds, 1.0);
  EXPECT_EQ(group.memory_bytes, 0u);
  EXPECT_FALSE(group.memory_limit_bytes);
  EXPECT_EQ(group.oom_kills, 3u);
  EXPECT_EQ(group.read_bytes, 7u);
  EXPECT_EQ(group.written_bytes, 8u);
}

TEST(Cgroups, AreThoseWithTheMostMemoryWhereThereAreMany) {
  FakeHost fake;
  fake.Write("/sys/fs/cgroup/cgroup.controllers", "");
  for (std::size_t i = 0; i < kMostCgroups + 2; ++i) {
    const std::string number = std::to_string(100 + i);
    fake.Write("/sys/fs/cgroup/docker/" + number + "/memory.current", number + "\n");
  }
  const auto all = Read(fake);
  ASSERT_TRUE(all);
  EXPECT_EQ(all->groups.size(), kMostCgroups);
  EXPECT_EQ(all->left_out, 2u);
  EXPECT_FALSE(all->Find("/docker/101"));
  EXPECT_TRUE(all->Find("/docker/102"));
}

TEST(Cgroups, AreNotSupportedWhereNoContainerRuns) {
  FakeHost fake;
  fake.Write("/sys/fs/cgroup/cgroup.controllers", "");
  fake.Write("/sys/fs/cgroup/system.slice/docker.service/cpu.stat", "usage_usec 1\n");
  EXPECT_EQ(Read(fake).error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace gpud::sysfs
