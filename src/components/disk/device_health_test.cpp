// SPDX-License-Identifier: Apache-2.0
#include "components/disk/device_health.h"

#include <gtest/gtest.h>

#include "components/component.h"
#include "sources/host/mount_usage.h"
#include "sources/host/nvme_health.h"
#include "sources/procfs/diskstats.h"
#include "sources/sysfs/block.h"
#include "sources/sysfs/raid.h"
#include "testing/component_kit.h"

namespace gpud::disk {
extern const ComponentType kType;
namespace {

Inputs Node(const std::string& root_options = "rw - ext4 /dev/nvme0n1 rw") {
  Inputs in;
  in.SetNow(BootTime(std::chrono::hours(10)), WallTime(std::chrono::seconds(1'772'352'000)));
  in.Put<procfs::Mountinfo>(procfs::ParseMountinfo("1 0 259:0 / / " + root_options + "\n"));
  in.Put<sysfs::BlockDevices>(sysfs::BlockDevices{
      {{.name = "nvme0n1", .path = "/dev/nvme0n1", .type = "disk", .device = "259:0"}}});
  in.Put<host::MountUsages>(host::MountUsages{});
  return in;
}

host::NvmeHealth Disk(host::NvmeSmart smart, const std::string& state = "live") {
  return {.controllers = {{.name = "nvme0", .state = state, .smart = smart}}};
}

HealthState StateWith(host::NvmeSmart smart, const std::string& state = "live") {
  Inputs in = Node();
  in.Put<host::NvmeHealth>(Disk(smart, state));
  return kType.check(in).states.at(0);
}

TEST(DiskNvme, AGoodDiskIsMeasuredAndNotJudgedByItsAge) {
  Inputs in = Node();
  in.Put<host::NvmeHealth>(Disk({.temperature_celsius = 45,
                                 .spare_percent = 100,
                                 .spare_threshold_percent = 10,
                                 .used_percent = 120,
                                 .media_errors = 4}));
  const Report report = kType.check(in);
  EXPECT_EQ(report.states.at(0).health, Health::kHealthy);
  EXPECT_EQ(report.states.size(), 1u);
  const Labels disk{{"device", "nvme0"}};
  EXPECT_EQ(SampleOf(report, "disk_nvme_used_percent", disk), 120);
  EXPECT_EQ(SampleOf(report, "disk_nvme_temperature_celsius", disk), 45);
  EXPECT_TRUE(report.events.empty());
}

TEST(DiskNvme, IsJudgedByWhatItWarnsOf) {
  EXPECT_EQ(StateWith({.critical_warning = host::kNvmeSpareLow}).reason,
            "nvme0 runs out of spare blocks");
  EXPECT_EQ(StateWith({.critical_warning = host::kNvmeSpareLow}).health, Health::kDegraded);
  EXPECT_EQ(StateWith({.critical_warning = host::kNvmeUnreliable}).health, Health::kUnhealthy);
  EXPECT_EQ(StateWith({.critical_warning = host::kNvmeReadOnly}).health, Health::kUnhealthy);
  EXPECT_EQ(StateWith({}, "dead").reason, "nvme0 was given up by the kernel");
}

TEST(DiskNvme, ADiskThatIsTooColdIsNoFault) {
  EXPECT_EQ(
      StateWith({.critical_warning = host::kNvmeTemperature, .temperature_celsius = 3}).health,
      Health::kHealthy);
  EXPECT_EQ(
      StateWith({.critical_warning = host::kNvmeTemperature, .temperature_celsius = 85}).reason,
      "nvme0 is too hot");
}

TEST(DiskNvme, TellsOfNewMediaErrors) {
  Inputs in = Node();
  in.Put<host::NvmeHealth>(Disk({.media_errors = 4}));
  in.Put<host::NvmeHealth>(Disk({.media_errors = 6}));
  const Report report = kType.check(in);
  ASSERT_EQ(report.events.size(), 1u);
  EXPECT_EQ(report.events[0].message, "2 new media error(s) of nvme0, 6 in all");
  in.Put<host::NvmeHealth>(Disk({.media_errors = 6}));
  EXPECT_TRUE(kType.check(in).events.empty());
}

TEST(DiskNvme, OneThatDoesNotAnswerIsAStateOfItsOwnAndThatOnlyRootMayAskIsTold) {
  Inputs in = Node();
  host::NvmeHealth health = Disk({});
  health.controllers[0].smart = Fail(ErrorCode::kTimeout, "/dev/nvme0: has not answered for 2 s");
  in.Put<host::NvmeHealth>(health);
  ASSERT_TRUE(StateOf(kType.check(in), "disk/nvme0"));
  in.Put<host::NvmeHealth>(Fail(ErrorCode::kPermission, "/dev/nvme0: Permission denied"));
  const Report report = kType.check(in);
  EXPECT_EQ(report.states.size(), 1u);
  EXPECT_NE(report.states[0].extra_info.at("data").find("/dev/nvme0: Permission denied"),
            std::string::npos);
}

HealthState WithRaid(sysfs::RaidArray raid) {
  Inputs in = Node();
  raid.name = "md0";
  raid.level = "raid1";
  raid.disks = 2;
  in.Put<sysfs::Arrays>(sysfs::Arrays{.raids = {std::move(raid)}, .volumes = {}});
  return kType.check(in).states.at(0);
}

TEST(DiskArrays, AnArrayIsDegradedWhileItLacksADisk) {
  EXPECT_EQ(WithRaid({.state = "clean"}).health, Health::kHealthy);
  EXPECT_EQ(WithRaid({.state = "clean", .sync_action = "check"}).health, Health::kHealthy);
  EXPECT_EQ(WithRaid({.state = "clean", .degraded = 1}).reason, "md0 (raid1) lacks 1 of 2 disks");
  EXPECT_EQ(WithRaid({.state = "active", .degraded = 1, .sync_action = "recover"}).reason,
            "md0 (raid1) lacks 1 of 2 disks and is being rebuilt");
  EXPECT_EQ(WithRaid({.state = "broken"}).health, Health::kUnhealthy);
}

TEST(DiskArrays, AVolumeThatStaysSuspendedIsDegraded) {
  Inputs in = Node();
  const sysfs::Arrays suspended{.raids = {}, .volumes = {{"dm-3", "vg-root", true}}};
  in.Put<sysfs::Arrays>(suspended);
  EXPECT_EQ(kType.check(in).states.at(0).health, Health::kHealthy);
  in.Put<sysfs::Arrays>(suspended);
  EXPECT_EQ(kType.check(in).states.at(0).reason, "the volume vg-root (dm-3) is suspended");
}

TEST(DiskMounts, AFileSystemThatTheKernelMadeReadOnlyIsUnhealthyAndOneThatAPersonDidIsNot) {
  EXPECT_EQ(kType.check(Node("rw - ext4 /dev/nvme0n1 ro,errors=remount-ro")).states.at(0).reason,
            "the kernel has made / read-only after an error");
  EXPECT_EQ(kType.check(Node("ro - ext4 /dev/nvme0n1 ro")).states.at(0).health, Health::kHealthy);
}

TEST(DiskIo, LatencyAndQueueAreMeansBetweenTwoReadings) {
  Inputs in = Node();
  const Labels disk{{"device", "nvme0n1"}};
  in.Put<procfs::Diskstats>(procfs::ParseDiskstats("259 0 nvme0n1 10 0 2 30 4 0 6 7 0 9 10\n"));
  EXPECT_FALSE(SampleOf(kType.check(in), "disk_read_latency_seconds", disk));
  in.SetNow(BootTime(std::chrono::hours(10)) + std::chrono::seconds(10), in.Now());
  in.Put<procfs::Diskstats>(
      procfs::ParseDiskstats("259 0 nvme0n1 30 0 2 130 4 0 6 7 1 5009 20010\n"));
  const Report report = kType.check(in);
  EXPECT_EQ(SampleOf(report, "disk_read_latency_seconds", disk), 0.005);
  EXPECT_FALSE(SampleOf(report, "disk_write_latency_seconds", disk));  // no write, no mean
  EXPECT_EQ(SampleOf(report, "disk_busy_percent", disk), 50);
  EXPECT_EQ(SampleOf(report, "disk_queue_requests", disk), 2);
}

}  // namespace
}  // namespace gpud::disk
