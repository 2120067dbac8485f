// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sources/sysfs/cpu_speed.h"
#include "sources/sysfs/numa.h"
#include "testing/fake_host.h"

namespace gpud::sysfs {
namespace {

template <class T>
Result<T> Read(const SourceType& source, const FakeHost& fake) {
  Inputs in;
  source.read(fake.host, in);
  return in.Latest<T>();
}

TEST(CpuList, IsNumbersAndRanges) {
  EXPECT_EQ(*ParseCpuList("0-2,8\n"), (std::vector<std::uint32_t>{0, 1, 2, 8}));
  EXPECT_TRUE(ParseCpuList("\n")->empty());
  for (const char* bad : {"1-", "x", "3-1", "0-4294967295", "1,,2"}) {
    EXPECT_FALSE(ParseCpuList(bad)) << bad;
  }
}

TEST(Numa, HasProcessorsMemoryAndTraffic) {
  FakeHost fake;
  EXPECT_EQ(Read<Numa>(kNuma, fake).error().code, ErrorCode::kUnsupported);
  const auto node = [&](const std::string& id, const std::string& cpus) {
    const std::string path = "/sys/devices/system/node/node" + id;
    fake.Write(path + "/cpulist", cpus + "\n");
    fake.Write(path + "/meminfo", "Node " + id + " MemTotal: 100 kB\nNode " + id +
                                      " MemFree: 40 kB\nNode " + id + " HugePages_Total: 4\n" +
                                      "Node " + id + " HugePages_Free:  3\n");
    fake.Write(path + "/numastat", "numa_hit 10\nnuma_miss 2\nnuma_foreign 3\nlocal_node 9\n");
  };
  node("0", "0-1");
  node("10", "4-5");
  node("2", "");
  const auto numa = Read<Numa>(kNuma, fake);
  ASSERT_TRUE(numa);
  ASSERT_EQ(numa->nodes.size(), 3u);
  EXPECT_EQ(numa->nodes[2].id, 10u);
  EXPECT_EQ(numa->nodes[2].cpus, (std::vector<std::uint32_t>{4, 5}));
  EXPECT_EQ(numa->nodes[0].total_bytes, 102'400u);
  EXPECT_EQ(numa->nodes[0].huge_pages_free, 3u);
  EXPECT_EQ(numa->nodes[0].traffic->misses, 2u);
}

TEST(Numa, TextsWithoutTheNeededNumbersAreErrors) {
  EXPECT_FALSE(ParseNumastat("numa_hit 1\n"));
  NumaNode node;
  EXPECT_FALSE(ParseNodeMemory("Node 0 MemFree: 1 kB\n", node));
}

TEST(CpuSpeed, HasClocksThrottlingOfEachPackageAndFlaws) {
  FakeHost fake;
  EXPECT_EQ(Read<CpuSpeed>(kCpuSpeed, fake).error().code, ErrorCode::kNotFound);
  const std::string folder = "/sys/devices/system/cpu/";
  const auto cpu = [&](const char* name, const char* package, const char* core, const char* count) {
    fake.Write(folder + name + "/topology/physical_package_id", package);
    fake.Write(folder + name + "/topology/core_id", core);
    fake.Write(folder + name + "/thermal_throttle/core_throttle_count", count);
    fake.Write(folder + name + "/thermal_throttle/package_throttle_count", "5\n");
  };
  fake.Write(folder + "cpu0/online", "1\n");
  const auto bare = Read<CpuSpeed>(kCpuSpeed, fake);
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->clocks.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(bare->throttling.error().code, ErrorCode::kUnsupported);

  cpu("cpu0", "0\n", "0\n", "2\n");
  cpu("cpu1", "0\n", "1\n", "3\n");
  cpu("cpu2", "0\n", "0\n", "2\n");  // the second thread of core 0
  cpu("cpu3", "1\n", "0\n", "1\n");
  fake.Write(folder + "cpufreq/policy0/scaling_cur_freq", "2000000\n");
  fake.Write(folder + "cpufreq/policy0/cpuinfo_max_freq", "3800000\n");
  fake.Write(folder + "cpufreq/policy0/scaling_governor", "powersave\n");
  fake.Write(folder + "cpufreq/policy10/scaling_cur_freq", "1000000\n");
  fake.Write(folder + "cpufreq/policy2/scaling_cur_freq", "<unknown>\n");
  fake.Write(folder + "vulnerabilities/mds", "Not affected\n");
  fake.Write(folder + "vulnerabilities/spectre_v1", "Mitigation: barriers\n");
  const auto speed = Read<CpuSpeed>(kCpuSpeed, fake);
  ASSERT_TRUE(speed && speed->clocks && speed->throttling);
  ASSERT_EQ(speed->clocks->domains.size(), 2u);
  EXPECT_EQ(speed->clocks->domains[1].first_cpu, 10u);
  EXPECT_EQ(speed->clocks->domains[0].hertz, 2'000'000'000u);
  EXPECT_EQ(speed->clocks->max_hertz, 3'800'000'000u);
  EXPECT_EQ(speed->clocks->governor, "powersave");
  ASSERT_EQ(speed->throttling->size(), 2u);
  EXPECT_EQ((*speed->throttling)[0].core_events, 5u);
  EXPECT_EQ((*speed->throttling)[0].package_events, 5u);
  EXPECT_EQ((*speed->throttling)[1].core_events, 1u);
  EXPECT_EQ(speed->flaws,
            (std::map<std::string, std::string>{{"spectre_v1", "Mitigation: barriers"}}));
}

}  // namespace
}  // namespace gpud::sysfs
