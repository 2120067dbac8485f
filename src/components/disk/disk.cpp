// SPDX-License-Identifier: Apache-2.0
// Disk: are the file systems full or silent, has the kernel reported failing disks below them, and
// how much is read and written?
#include <algorithm>

#include "components/component.h"
#include "components/disk/backing.h"
#include "components/disk/data.h"
#include "components/disk/disk_lines.h"
#include "components/disk/space.h"
#include "components/findings.h"
#include "components/pressure.h"
#include "model/json_codec.h"
#include "sources/procfs/diskstats.h"

namespace gpud::disk {
namespace {

constexpr std::string_view kTags[] = {"disk"};
constexpr const SourceType* kNeeds[] = {&procfs::kMountinfo, &procfs::kDiskstats, &sysfs::kBlock,
                                        &host::kMountUsages, &procfs::kPressures};
constexpr auto kCounter = MetricKind::kCounter;
constexpr MetricType kMetrics[] = {
    {"disk_total_bytes", "size of a file system"},
    {"disk_free_bytes", "what ordinary users can still write to it"},
    {"disk_used_bytes", "what is in use of it"},
    {"disk_inodes", "number of files that it can hold"},
    {"disk_inodes_free", "number of files that it can still take"},
    {"disk_answer_seconds", "how long the question for its space took"},
    {"disk_read_bytes_total", "read from a disk since boot", kCounter},
    {"disk_written_bytes_total", "written to a disk since boot", kCounter},
    {"disk_reads_total", "finished reads of a disk", kCounter},
    {"disk_writes_total", "finished writes of a disk", kCounter},
    {"disk_read_seconds_total", "time that reads took, summed", kCounter},
    {"disk_write_seconds_total", "time that writes took, summed", kCounter},
    {"disk_busy_seconds_total", "time with any request in flight", kCounter},
    {"disk_weighted_seconds_total", "time of all requests in flight, summed", kCounter},
    {"disk_in_flight", "requests in flight now"},
    {"disk_pressure_percent", "share of the last 10 s in which tasks waited for I/O"},
    {"disk_pressure_seconds_total", "time in which tasks waited for I/O", kCounter},
};

/// Of what moves data in its own right: not of partitions (their disk counts it), nor of disks in
/// memory and files.
bool IsMeasured(const procfs::DiskIo& disk, const sysfs::BlockDevices& devices) {
  for (const std::string_view prefix : {"loop", "ram", "zram", "sr", "fd"}) {
    if (disk.name.starts_with(prefix)) return false;
  }
  const sysfs::BlockDevice* device = devices.Find(disk.name);
  return device && device->type != "part";
}

void AddIo(const procfs::DiskIo& disk, Report& report) {
  constexpr double kMillisecondsPerSecond = 1000;
  const auto add = [&](const char* metric, std::uint64_t value, double per_unit = 1) {
    report.samples.push_back({.metric = metric,
                              .labels = {{"device", disk.name}},
                              .value = static_cast<double>(value) / per_unit});
  };
  add("disk_read_bytes_total", disk.read_bytes);
  add("disk_written_bytes_total", disk.written_bytes);
  add("disk_reads_total", disk.reads);
  add("disk_writes_total", disk.writes);
  add("disk_read_seconds_total", disk.read_milliseconds, kMillisecondsPerSecond);
  add("disk_write_seconds_total", disk.write_milliseconds, kMillisecondsPerSecond);
  add("disk_busy_seconds_total", disk.busy_milliseconds, kMillisecondsPerSecond);
  add("disk_weighted_seconds_total", disk.weighted_milliseconds, kMillisecondsPerSecond);
  add("disk_in_flight", disk.in_flight);
}

/// The kernel's name of a device that a line has by its numbers ("253:4").
std::string NameOf(const std::string& device, const sysfs::BlockDevices* devices) {
  if (!devices || device.find(':') == std::string::npos) return device;
  for (const sysfs::BlockDevice& known : devices->devices) {
    if (known.device == device) return known.name;
  }
  return device;
}

/// Whether an array has been made whole after the fault.
bool IsRebuilt(const Inputs& in, const Fault& fault) {
  if (fault.code != "raid_member_failure" && fault.code != "raid_degraded") return false;
  return std::any_of(in.OwnEvents().begin(), in.OwnEvents().end(), [&](const Event& event) {
    const auto device = event.extra_info.find(std::string(kFactDevice));
    return event.name == "raid_rebuild_done" && event.time > fault.last &&
           device != event.extra_info.end() && device->second == fault.device;
  });
}

/// The open faults of disks that carry something. What is no name of a block device (a port, a
/// pool, nothing) is taken at its word.
void JudgeFaults(const Inputs& in, const Backing& backing, const sysfs::BlockDevices* devices,
                 Findings& findings) {
  std::vector<Fault> faults = OpenFaults(in);
  std::erase_if(faults, [&](const Fault& fault) {
    const std::string name = NameOf(fault.device, devices);
    return (IsBlockName(name) && !backing.Carries(name)) || IsRebuilt(in, fault);
  });
  AddFaults(faults, FaultName, findings);
}

Report Check(const Inputs& in) {
  const auto& mountinfo = in.Latest<procfs::Mountinfo>();
  if (!mountinfo) return Unreadable("disk", mountinfo.error());

  Report report;
  report.states.emplace_back();  // the main state stands first; it is known last
  Findings findings;
  const auto mounts = procfs::RealMounts(*mountinfo);
  const auto& block = in.Latest<sysfs::BlockDevices>();
  const sysfs::BlockDevices* devices = block ? &*block : nullptr;
  AddUnreadable(report, "disk/devices", block);
  JudgeFaults(in, Backing(mounts, devices), devices, findings);

  const auto& usages = in.Latest<host::MountUsages>();
  if (usages) JudgeSpace(*usages, report, findings);
  AddUnreadable(report, "disk/space", usages);

  const auto& stats = in.Latest<procfs::Diskstats>();
  AddUnreadable(report, "disk/io", stats);
  if (stats && devices) {
    for (const procfs::DiskIo& disk : stats->disks) {
      if (IsMeasured(disk, *devices)) AddIo(disk, report);
    }
  }
  AddPressure(report, in, "disk", &procfs::Pressures::io);

  Data data = Describe(mounts, usages ? &*usages : nullptr, devices);
  if (const auto& psi = in.Latest<procfs::Pressures>(); !psi) data.pressure = psi.error().what;
  report.states.front() = findings.ToState("disk");
  report.states.front().extra_info["data"] = ToJson(data);
  return report;
}

}  // namespace

extern constinit const ComponentType kType{
    .name = "disk",
    .tags = kTags,
    .needs = kNeeds,
    .needles = kNeedles,
    .metrics = kMetrics,
    .period = std::chrono::seconds(15),
    .clearable = true,
    .check = Check,
    .create_matcher = []() -> std::unique_ptr<LineMatcher> {
      return std::make_unique<DiskMatcher>();
    },
};

}  // namespace gpud::disk
