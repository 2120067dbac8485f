// SPDX-License-Identifier: Apache-2.0
// Disk: are the file systems full or silent, has the kernel reported failing disks below them, and
// how much is read and written?
#include <algorithm>

#include "components/component.h"
#include "components/disk/backing.h"
#include "components/disk/data.h"
#include "components/disk/device_health.h"
#include "components/disk/disk_lines.h"
#include "components/disk/io.h"
#include "components/disk/space.h"
#include "components/findings.h"
#include "components/pressure.h"
#include "model/json_codec.h"
#include "sources/host/nvme_health.h"
#include "sources/procfs/diskstats.h"
#include "sources/sysfs/raid.h"

namespace gpud::disk {
namespace {

constexpr std::string_view kTags[] = {"disk"};
constexpr const SourceType* kNeeds[] = {
    &procfs::kMountinfo, &procfs::kDiskstats, &sysfs::kBlock, &host::kMountUsages,
    &procfs::kPressures, &host::kNvmeHealth,  &sysfs::kArrays};
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
    {"disk_read_latency_seconds", "mean time of a read since the check before"},
    {"disk_write_latency_seconds", "mean time of a write since the check before"},
    {"disk_busy_percent", "share of the time with any request in flight, since then"},
    {"disk_queue_requests", "mean number of requests in flight, since then"},
    {"disk_nvme_critical_warning", "bits of what the disk warns of"},
    {"disk_nvme_temperature_celsius", "temperature of the disk"},
    {"disk_nvme_used_percent", "part of its life that is used up, by the maker's estimate"},
    {"disk_nvme_spare_percent", "spare blocks that are left"},
    {"disk_nvme_spare_threshold_percent", "spare blocks below which the disk warns"},
    {"disk_nvme_media_errors_total", "data that could not be brought back", kCounter},
    {"disk_nvme_unsafe_shutdowns_total", "losses of power without notice", kCounter},
    {"disk_nvme_power_on_hours_total", "hours that the disk was on", kCounter},
    {"disk_nvme_read_bytes_total", "read by the host since manufacture", kCounter},
    {"disk_nvme_written_bytes_total", "written by the host since manufacture", kCounter},
    {"disk_raid_disks", "disks that an array should have"},
    {"disk_raid_missing_disks", "disks that an array lacks"},
    {"disk_raid_sync_ratio", "how far an array is with its rebuild or check, 0 to 1"},
    {"disk_pressure_percent", "share of the last 10 s in which tasks waited for I/O"},
    {"disk_pressure_seconds_total", "time in which tasks waited for I/O", kCounter},
};

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
  const Backing backing(mounts, devices);
  JudgeFaults(in, backing, devices, findings);
  JudgeForcedReadOnly(mounts, findings);

  const auto& usages = in.Latest<host::MountUsages>();
  if (usages) JudgeSpace(*usages, report, findings);
  AddUnreadable(report, "disk/space", usages);

  const auto& stats = in.Latest<procfs::Diskstats>();
  AddUnreadable(report, "disk/io", stats);
  if (stats && devices) AddIo(in, *devices, report);
  AddPressure(report, in, "disk", &procfs::Pressures::io);

  Data data = Describe(mounts, usages ? &*usages : nullptr, devices);
  if (const auto& psi = in.Latest<procfs::Pressures>(); !psi) data.pressure = psi.error().what;
  data.nvme = JudgeNvme(in, report, findings);
  data.arrays = JudgeArrays(in, report, findings);
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
