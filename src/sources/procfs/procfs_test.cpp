// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sources/procfs/diskstats.h"
#include "sources/procfs/limits.h"
#include "sources/procfs/loadavg.h"
#include "sources/procfs/meminfo.h"
#include "sources/procfs/modules.h"
#include "sources/procfs/pressure.h"
#include "sources/procfs/stat.h"
#include "sources/procfs/uptime.h"
#include "sources/procfs/vmstat.h"
#include "testing/fake_host.h"

namespace gpud::procfs {
namespace {

TEST(Stat, TurnsTicksIntoSecondsAndLeavesIdleAndIowaitOutOfBusy) {
  const auto stat = ParseStat(
      "cpu  100 0 50 800 30 0 20 0 10 0\ncpu0 100 0 50 800 30 0 20 0 10 0\nintr 1 2 3\n"
      "ctxt 77\nbtime 1772265600\nprocesses 5\nprocs_running 2\nprocs_blocked 1\n");
  ASSERT_TRUE(stat);
  EXPECT_DOUBLE_EQ(stat->total.user, 1.0);
  EXPECT_DOUBLE_EQ(stat->total.Total(), 10.0);  // guest is within user already
  EXPECT_DOUBLE_EQ(stat->total.Busy(), 1.7);
  ASSERT_EQ(stat->cores.size(), 1u);
  EXPECT_EQ(stat->context_switches, 77u);
  EXPECT_EQ(stat->boot_time_seconds, 1772265600);
  EXPECT_EQ(stat->running, 2u);
  EXPECT_EQ(stat->blocked_on_io, 1u);
}

TEST(Stat, RefusesATextWithoutTheTotalOrWithWordsForNumbers) {
  EXPECT_FALSE(ParseStat(""));
  EXPECT_FALSE(ParseStat("cpu 1 2 3 4\n"));
  EXPECT_FALSE(ParseStat("btime 5\n"));
  EXPECT_FALSE(ParseStat("cpu 1 2 x 4\nbtime 5\n"));
  EXPECT_FALSE(ParseStat("cpu 1 2 3\nbtime 5\n"));
}

TEST(LoadAverage, HasThreeMeansAndTheNumberOfThreads) {
  const auto load = ParseLoadAverage("0.42 0.31 0.18 2/187 4242\n");
  ASSERT_TRUE(load);
  EXPECT_DOUBLE_EQ(load->one_minute, 0.42);
  EXPECT_DOUBLE_EQ(load->fifteen_minutes, 0.18);
  EXPECT_EQ(load->threads, 187u);
  EXPECT_FALSE(ParseLoadAverage("0.42 0.31"));
}

TEST(Meminfo, ReadsTheRootThatItIsGiven) {
  FakeHost fake;
  Inputs in;
  kMeminfo.read(fake.host, in);
  EXPECT_EQ(in.Latest<Meminfo>().error().code, ErrorCode::kNotFound);

  fake.Write("/proc/meminfo", "MemTotal: 1000 kB\nMemFree: 5 kB\nMemAvailable: 10 kB\n");
  kMeminfo.read(fake.host, in);
  EXPECT_EQ(in.Latest<Meminfo>()->available_bytes, 10'240u);
  EXPECT_FALSE(in.Latest<Meminfo>()->hardware_corrupted_bytes);
}

TEST(Meminfo, NamesWhatIsMissingInsteadOfCallingItZero) {
  const auto memory = ParseMeminfo("MemTotal: 1000 kB\nMemFree: 5 kB\n");
  ASSERT_FALSE(memory);
  EXPECT_EQ(memory.error().what, "/proc/meminfo: no MemAvailable");
  EXPECT_FALSE(ParseMeminfo("MemTotal: 99999999999999999999 kB\n"));
  EXPECT_FALSE(ParseMeminfo("MemTotal: 18446744073709551615 kB\n"));  // times 1024 is too big
}

TEST(Pressure, HasNoFullLineForTheCpuOfOlderKernels) {
  const auto cpu = ParsePressure("some avg10=1.20 avg60=0.80 avg300=0.50 total=8123456\n");
  ASSERT_TRUE(cpu);
  EXPECT_EQ(cpu->some, (Stall{1.2, 0.8, 0.5, 8123456}));
  EXPECT_FALSE(cpu->full);
  EXPECT_FALSE(ParsePressure("some avg10=1.20\n"));
}

TEST(Pressure, IsUnsupportedWithoutTheFolderAndAnErrorOfItsOwnWhenOneFileIsBad) {
  FakeHost fake;
  Inputs in;
  kPressures.read(fake.host, in);
  EXPECT_EQ(in.Latest<Pressures>().error().code, ErrorCode::kUnsupported);

  fake.Write("/proc/pressure/cpu", "some avg10=0 avg60=0 avg300=0 total=1\n");
  fake.Write("/proc/pressure/io", "rubbish\n");
  kPressures.read(fake.host, in);
  ASSERT_TRUE(in.Latest<Pressures>());
  EXPECT_TRUE(in.Latest<Pressures>()->cpu);
  EXPECT_EQ(in.Latest<Pressures>()->io.error().code, ErrorCode::kParse);
  EXPECT_EQ(in.Latest<Pressures>()->memory.error().code, ErrorCode::kNotFound);
}

TEST(Vmstat, LeavesOutWhatTheKernelDoesNotCountAndAddsBothScanners) {
  const auto stat = ParseVmstat("pswpin 2\npgscan_kswapd 100\npgscan_direct 20\nfoo bar\n", 4096);
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->swap_in_bytes, 8192u);
  EXPECT_EQ(stat->scanned_pages, 120u);
  EXPECT_FALSE(stat->oom_kills);
  EXPECT_FALSE(ParseVmstat("nr_free_pages 1\n"));
  EXPECT_FALSE(ParseVmstat("oom_kill x\n"));
}

TEST(Limits, HasThreeColumns) {
  EXPECT_EQ(ParseFileNr("557\t0\t9223372036854775807\n").value(),
            (FileHandles{557, 9223372036854775807u}));
  EXPECT_FALSE(ParseFileNr("557 0\n"));
}

TEST(Diskstats, CountsSectorsOf512Bytes) {
  const auto stats =
      ParseDiskstats(" 259       0 nvme0n1 50 0 800 25 70 0 2240 35 3 40 60 0 0 0 0 0 0\n");
  ASSERT_TRUE(stats);
  const DiskIo& disk = stats->disks.at(0);
  EXPECT_EQ(disk.device, "259:0");
  EXPECT_EQ(disk.read_bytes, 800u * 512);
  EXPECT_EQ(disk.written_bytes, 2240u * 512);
  EXPECT_EQ(disk.in_flight, 3u);
  EXPECT_EQ(disk.busy_milliseconds, 40u);
  EXPECT_EQ(disk.weighted_milliseconds, 60u);
  EXPECT_FALSE(ParseDiskstats("259 0 nvme0n1 50\n"));
}

TEST(Modules, AreTheFirstWords) {
  const auto modules = ParseModules("nvidia 607 650 nvidia_uvm, Live 0x0 (POE)\next4 9 1\n");
  EXPECT_TRUE(modules->Has("nvidia"));
  EXPECT_FALSE(modules->Has("nvidia_uvm"));
}

TEST(Uptime, IsANumberOfSeconds) {
  EXPECT_DOUBLE_EQ(ParseUptime("86400.25 340000.10\n")->seconds, 86400.25);
  EXPECT_FALSE(ParseUptime("nan 1\n"));
  EXPECT_FALSE(ParseUptime(""));
}

}  // namespace
}  // namespace gpud::procfs
