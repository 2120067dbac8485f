// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sources/host/mount_usage.h"
#include "sources/procfs/diskstats.h"
#include "sources/procfs/mountinfo.h"
#include "sources/sysfs/block.h"
#include "testing/component_kit.h"

namespace gpud::disk {
extern const ComponentType kType;
namespace {

constexpr std::uint64_t kGiB = 1ull << 30;

/// Root on an array of two disks, a data disk, a stick, an unused disk.
Inputs Node() {
  Inputs in;
  in.SetNow(BootTime(std::chrono::hours(10)), WallTime(std::chrono::seconds(1'772'352'000)));
  in.Put<procfs::Mountinfo>(
      procfs::ParseMountinfo("1 0 9:0 / / rw - ext4 /dev/md0 rw\n"
                             "2 1 259:4 / /data rw - xfs /dev/nvme2n1 rw\n"
                             "3 1 8:17 / /media/a rw - vfat /dev/sdb1 rw\n"));
  sysfs::BlockDevices all;
  const auto add = [&](const std::string& name, std::string device,
                       std::vector<std::string> parents, std::string type = "disk",
                       bool removable = false) {
    all.devices.push_back({.name = name,
                           .path = "/dev/" + name,
                           .type = std::move(type),
                           .device = std::move(device),
                           .removable = removable,
                           .parents = std::move(parents)});
  };
  add("md0", "9:0", {"nvme0n1p2", "nvme1n1p1"}, "raid1");
  add("nvme0n1", "259:0", {});
  add("nvme0n1p2", "259:2", {"nvme0n1"}, "part");
  add("nvme1n1", "259:8", {});
  add("nvme1n1p1", "259:3", {"nvme1n1"}, "part");
  add("nvme2n1", "259:4", {});
  add("nvme12n1", "259:9", {});
  add("sdb", "8:16", {}, "disk", true);
  add("sdb1", "8:17", {"sdb"}, "part");
  in.Put<sysfs::BlockDevices>(std::move(all));
  in.Put<procfs::Diskstats>(procfs::ParseDiskstats(
      "259 0 nvme0n1 1 0 2 3 4 0 6 7 1 9 10\n"
      "259 2 nvme0n1p2 1 0 2 3 4 0 6 7 1 9 10\n7 0 loop0 1 0 2 3 4 0 6 7 1 9 10\n"));
  in.Put<host::MountUsages>(host::MountUsages{});
  return in;
}

host::MountUsage Usage(std::string point, std::uint64_t total, std::uint64_t free,
                       std::string type = "ext4") {
  host::MountUsage usage{.mount = {.mount_point = std::move(point), .fs_type = std::move(type)}};
  usage.space = host::Space{.total_bytes = total, .free_bytes = free, .available_bytes = free};
  return usage;
}

HealthState After(Inputs in, const std::string& line, std::vector<WallTime> reboots = {}) {
  auto events = Match(kType, {line});
  EXPECT_EQ(events.size(), 1u) << line;
  for (Event& event : events) event.time = in.Now() - std::chrono::hours(1);
  in.SetHistory(std::move(events), std::move(reboots), {});
  return kType.check(in).states.at(0);
}

TEST(Disk, JudgesAFaultOfADeviceBelowAMountByItsSeverity) {
  for (const char* device : {"md0", "nvme0n1", "nvme1n1p1", "nvme2n1"}) {
    const auto state = After(Node(), "Buffer I/O error on dev " + std::string(device) +
                                         ", logical block 1, async page read");
    EXPECT_EQ(state.health, Health::kDegraded) << device;
    EXPECT_EQ(state.reason, "I/O errors on " + std::string(device));
    EXPECT_EQ(state.suggested_actions->repair_actions.at(0), RepairAction::kInspectHardware);
  }
  EXPECT_EQ(After(Node(), "nvme nvme2: Disabling device after reset failure: -19").health,
            Health::kUnhealthy);
  EXPECT_EQ(After(Node(), "ata1.00: disabled").health, Health::kUnhealthy);
  // Only history.
  EXPECT_EQ(After(Node(), "nvme nvme2: I/O 63 QID 5 timeout, aborting").health, Health::kHealthy);
}

TEST(Disk, KnowsADeviceByItsNumbers) {
  const auto carries = [](const char* numbers) {
    return After(Node(), "device-mapper: thin: " + std::string(numbers) +
                             ": switching pool to read-only mode")
        .health;
  };
  EXPECT_EQ(carries("9:0"), Health::kUnhealthy);
  EXPECT_EQ(carries("259:9"), Health::kHealthy);
  EXPECT_EQ(carries("253:7"), Health::kUnhealthy);  // of what is not known
}

TEST(Disk, AFaultThatWasOnlyInjectedSaysSo) {
  Inputs in = Node();
  Event event = Match(kType, {"Buffer I/O error on dev md0, logical block 1, async page read"})[0];
  event.time = in.Now();
  event.origin = Origin::kInjected;
  in.SetHistory({event}, {}, {});
  EXPECT_EQ(kType.check(in).states.at(0).reason, "I/O errors on md0 [injected]");
  Event real = event;
  real.origin = Origin::kKernel;
  in.SetHistory({event, real}, {}, {});
  EXPECT_EQ(kType.check(in).states.at(0).reason, "I/O errors on md0");
}

TEST(Disk, AFaultOfAnUnusedOrRemovableDeviceIsNot) {
  for (const char* device : {"sdb", "sdb1", "nvme12n1", "dm-7"}) {
    EXPECT_EQ(After(Node(), "Buffer I/O error on dev " + std::string(device) +
                                ", logical block 1, async page read")
                  .health,
              Health::kHealthy)
        << device;
  }
  // nvme1 is another controller than nvme12.
  EXPECT_EQ(After(Node(), "nvme nvme12: Disabling device after reset failure: -19").health,
            Health::kHealthy);
}

TEST(Disk, AFaultCountsWhenTheDiskIsGoneFromTheTreeOrTheTreeCannotBeRead) {
  const std::string line = "nvme nvme2: Disabling device after reset failure: -19";
  Inputs gone = Node();
  sysfs::BlockDevices rest = *gone.Latest<sysfs::BlockDevices>();
  std::erase_if(rest.devices, [](const auto& device) { return device.name == "nvme2n1"; });
  gone.Put<sysfs::BlockDevices>(rest);
  EXPECT_EQ(After(gone, line).health, Health::kUnhealthy);
  Inputs unreadable = Node();
  unreadable.Put<sysfs::BlockDevices>(Fail(ErrorCode::kPermission, "no"));
  EXPECT_EQ(After(unreadable, line).health, Health::kUnhealthy);
  EXPECT_EQ(After(unreadable, "Buffer I/O error on dev dm-7, logical block 1").health,
            Health::kDegraded);
}

TEST(Disk, ARebootAfterTheFaultClearsIt) {
  Inputs in = Node();
  EXPECT_EQ(After(in, "EXT4-fs (md0): Remounting filesystem read-only",
                  {in.Now() - std::chrono::minutes(5)})
                .health,
            Health::kHealthy);
}

TEST(Disk, ALostMirrorDegradesUntilItIsRebuilt) {
  Inputs in = Node();
  const std::string lost = "md/raid1:md0: Disk failure on nvme1n1p1, disabling device.";
  const auto state = After(Node(), lost);
  EXPECT_EQ(state.health, Health::kDegraded);
  EXPECT_EQ(state.suggested_actions->repair_actions.at(0), RepairAction::kInspectHardware);
  auto events = Match(kType, {lost, "md: md0: recovery done."});
  events[0].time = in.Now() - std::chrono::hours(2);
  events[1].time = in.Now() - std::chrono::hours(1);
  std::swap(events[0], events[1]);  // newest first
  in.SetHistory(events, {}, {});
  EXPECT_EQ(kType.check(in).states.at(0).health, Health::kHealthy);
}

TEST(Disk, SaysWhichFileSystemIsFull) {
  Inputs in = Node();
  host::MountUsages usages;
  usages.mounts = {Usage("/", 100 * kGiB, 499ull << 20), Usage("/boot", kGiB / 4, kGiB / 8),
                   Usage("/home", 100 * kGiB, 0, "nfs4")};
  in.Put<host::MountUsages>(usages);
  const Report report = kType.check(in);
  EXPECT_EQ(report.states.at(0).health, Health::kDegraded);
  EXPECT_EQ(report.states[0].reason, "/ has only 499.0 MiB free of 100.0 GiB");
  EXPECT_EQ(SampleOf(report, "disk_free_bytes", {{"mount_point", "/boot"}}), kGiB / 8);
}

TEST(Disk, SaysWhichFileSystemHasNoInodesLeft) {
  Inputs in = Node();
  host::MountUsages usages;
  usages.mounts = {Usage("/data", 100 * kGiB, 50 * kGiB)};
  usages.mounts[0].space->total_inodes = 1000;
  usages.mounts[0].space->free_inodes = 19;
  in.Put<host::MountUsages>(usages);
  EXPECT_EQ(kType.check(in).states.at(0).reason, "/data has only 19 inodes free of 1000");
}

TEST(Disk, AHangingMountIsUnknownAtFirstAndDegradedAfterFiveMinutes) {
  Inputs in = Node();
  host::MountUsages usages;
  usages.mounts = {Usage("/home", 0, 0, "nfs4")};
  usages.mounts[0].space = Fail(ErrorCode::kTimeout, "/home: has not answered for 299 s");
  usages.mounts[0].hanging = std::chrono::seconds(299);
  in.Put<host::MountUsages>(usages);
  Report report = kType.check(in);
  EXPECT_EQ(report.states.at(0).health, Health::kHealthy);
  ASSERT_TRUE(StateOf(report, "disk/home"));
  EXPECT_EQ(StateOf(report, "disk/home")->health, Health::kUnknown);
  usages.mounts[0].hanging = std::chrono::seconds(300);
  in.Put<host::MountUsages>(usages);
  report = kType.check(in);
  EXPECT_EQ(report.states.at(0).health, Health::kDegraded);
  EXPECT_EQ(report.states[0].reason, "/home: has not answered for 299 s");
}

TEST(Disk, AStuckLaneIsAStateOfItsOwn) {
  Inputs in = Node();
  in.Put<host::MountUsages>(Fail(ErrorCode::kTimeout, "no answer in 5 s"));
  const Report report = kType.check(in);
  EXPECT_EQ(report.states.at(0).health, Health::kHealthy);
  ASSERT_TRUE(StateOf(report, "disk/space"));
  EXPECT_EQ(StateOf(report, "disk/space")->error, "no answer in 5 s");
}

TEST(Disk, CountsDisksButNotTheirPartitions) {
  const Report report = kType.check(Node());
  EXPECT_EQ(SampleOf(report, "disk_read_bytes_total", {{"device", "nvme0n1"}}), 1024);
  EXPECT_EQ(SampleOf(report, "disk_busy_seconds_total", {{"device", "nvme0n1"}}), 0.009);
  EXPECT_FALSE(SampleOf(report, "disk_read_bytes_total", {{"device", "nvme0n1p2"}}));
  EXPECT_FALSE(SampleOf(report, "disk_read_bytes_total", {{"device", "loop0"}}));
}

}  // namespace
}  // namespace gpud::disk
