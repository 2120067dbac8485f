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

TEST(Disk, TellsEachKindOfLineWithItsDevice) {
  const std::tuple<const char*, const char*, const char*> rows[] = {
      {"md/raid:md0: Disk failure on nvme1n1 detected, failing array", "raid_array_failure", "md0"},
      {"md/raid1:md0: Disk failure on sdb1, disabling device.", "raid_member_failure", "md0"},
      {"EXT4-fs (sda1): Remounting filesystem read-only", "filesystem_read_only", "sda1"},
      {"block nvme0n1: no available path - failing I/O", "nvme_path_failure", "nvme0n1"},
      {"nvme nvme1: I/O 63 QID 5 timeout, reset controller", "nvme_controller_timeout", "nvme1"},
      {"nvme nvme1: I/O tag 63 (303f) QID 5 timeout, reset controller", "nvme_controller_timeout",
       "nvme1"},
      {"nvme nvme0: Disabling device after reset failure: -19", "nvme_device_disabled", "nvme0"},
      {"sda: attempt to access beyond end of device", "beyond_end_of_device", "sda"},
      {"dd: attempt to access beyond end of device\nsdc1: rw=0, sector=9, nr_sectors = 8 limit=1",
       "beyond_end_of_device", "sdc1"},
      {"Buffer I/O error on dev dm-0, logical block 1234, async page read", "buffer_io_error",
       "dm-0"},
      {"EXT4-fs (sda1): I/O error while writing superblock", "superblock_write_error", "sda1"}};
  for (const auto& [line, name, device] : rows) {
    const auto events = Match(kType, {line});
    ASSERT_EQ(events.size(), 1u) << line;
    EXPECT_EQ(events[0].name, name);
    EXPECT_EQ(events[0].extra_info.at("device"), device) << line;
    EXPECT_EQ(events[0].type, EventType::kWarning);
  }
  EXPECT_TRUE(Match(kType, {"nvme nvme1: Shutdown timeout set to 8 seconds",
                            "Buffer I/O error on dev sda", "x timeout, reset controller"})
                  .empty());
}

TEST(Disk, FoldsRepeatsOfADeviceButNotOfAnother) {
  const std::string line = "Buffer I/O error on dev sda, logical block ";
  EXPECT_EQ(
      Match(kType, {line + "1", line + "2", "Buffer I/O error on dev sdb, logical block 1"}).size(),
      2u);
}

TEST(Disk, AFaultOfADeviceBelowAMountIsUnhealthy) {
  for (const char* device : {"md0", "nvme0n1", "nvme1n1p1", "nvme2n1"}) {
    const auto state = After(Node(), "Buffer I/O error on dev " + std::string(device) +
                                         ", logical block 1, async page read");
    EXPECT_EQ(state.health, Health::kUnhealthy) << device;
    EXPECT_EQ(state.reason, "I/O errors (" + std::string(device) + ")");
    EXPECT_EQ(state.suggested_actions->repair_actions.at(0), RepairAction::kReboot);
  }
  EXPECT_EQ(After(Node(), "nvme nvme2: Disabling device after reset failure: -19").health,
            Health::kUnhealthy);
}

TEST(Disk, AFaultThatWasOnlyInjectedSaysSo) {
  Inputs in = Node();
  Event event{.time = in.Now(),
              .name = "buffer_io_error",
              .extra_info = {{"device", "md0"}},
              .origin = Origin::kInjected};
  in.SetHistory({event}, {}, {});
  EXPECT_EQ(kType.check(in).states.at(0).reason, "I/O errors (md0) [injected]");
  Event real = event;
  real.origin = Origin::kKernel;
  in.SetHistory({event, real}, {}, {});
  EXPECT_EQ(kType.check(in).states.at(0).reason, "I/O errors (md0)");
}

TEST(Disk, AFaultOfAnUnusedOrRemovableDeviceIsNot) {
  for (const char* device : {"sdb", "sdb1", "nvme12n1", "sr0", "dm-7"}) {
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
            Health::kUnhealthy);
}

TEST(Disk, ARebootAfterTheFaultClearsIt) {
  Inputs in = Node();
  EXPECT_EQ(After(in, "EXT4-fs (md0): Remounting filesystem read-only",
                  {in.Now() - std::chrono::minutes(5)})
                .health,
            Health::kHealthy);
}

TEST(Disk, ALostMirrorDegradesAndAsksForInspection) {
  const auto state = After(Node(), "md/raid1:md0: Disk failure on nvme1n1p1, disabling device.");
  EXPECT_EQ(state.health, Health::kDegraded);
  EXPECT_EQ(state.suggested_actions->repair_actions.at(0), RepairAction::kInspectHardware);
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
