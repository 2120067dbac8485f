// SPDX-License-Identifier: Apache-2.0
#include "components/disk/device_health.h"

#include <algorithm>

#include "sources/host/nvme_health.h"
#include "sources/sysfs/raid.h"

namespace gpud::disk {
namespace {

struct WarningRow {
  unsigned bit;
  Health health;
  std::string_view reason;
};
constexpr WarningRow kWarnings[] = {
    {host::kNvmeUnreliable, Health::kUnhealthy, "says that it is not reliable any more"},
    {host::kNvmeReadOnly, Health::kUnhealthy, "has made itself read-only"},
    {host::kNvmeSpareLow, Health::kDegraded, "runs out of spare blocks"},
    {host::kNvmeBackupFailed, Health::kDegraded, "has lost its protection against power loss"},
    {host::kNvmePersistentMemoryReadOnly, Health::kDegraded, "has a persistent memory that failed"},
};

void AddSmart(const host::NvmeController& controller, const host::NvmeSmart& smart,
              Report& report) {
  const auto add = [&](const char* metric, auto value) {
    report.samples.push_back({.metric = metric,
                              .labels = {{"device", controller.name}},
                              .value = static_cast<double>(value)});
  };
  add("disk_nvme_critical_warning", smart.critical_warning);
  add("disk_nvme_temperature_celsius", smart.temperature_celsius);
  add("disk_nvme_used_percent", smart.used_percent);
  add("disk_nvme_spare_percent", smart.spare_percent);
  add("disk_nvme_spare_threshold_percent", smart.spare_threshold_percent);
  add("disk_nvme_media_errors_total", smart.media_errors);
  add("disk_nvme_unsafe_shutdowns_total", smart.unsafe_shutdowns);
  add("disk_nvme_power_on_hours_total", smart.power_on_hours);
  add("disk_nvme_read_bytes_total", smart.read_bytes);
  add("disk_nvme_written_bytes_total", smart.written_bytes);
}

void JudgeSmart(const std::string& name, const host::NvmeSmart& smart, Findings& findings) {
  for (const WarningRow& row : kWarnings) {
    if ((smart.critical_warning & row.bit) == 0) continue;
    findings.Add(row.health, name + " " + std::string(row.reason), RepairAction::kInspectHardware);
  }
  // The same bit tells of a disk that is too cold, which is so before a machine has warmed up.
  constexpr double kSurelyNotCold = 40;
  if ((smart.critical_warning & host::kNvmeTemperature) != 0 &&
      smart.temperature_celsius > kSurelyNotCold) {
    findings.Add(Health::kDegraded, name + " is too hot", RepairAction::kInspectHardware);
  }
}

/// More media errors than when it was last asked; each time they are told but once.
void TellMediaErrors(const Inputs& in, const host::NvmeController& controller, Report& report) {
  const auto* before = in.Previous<host::NvmeHealth>();
  if (!before) return;
  for (const host::NvmeController& old : before->controllers) {
    if (old.name != controller.name || !old.smart || !controller.smart) continue;
    const std::uint64_t now = controller.smart->media_errors, then = old.smart->media_errors;
    if (now <= then) return;
    report.events.push_back({.time = in.Now(),
                             .name = "nvme_media_errors",
                             .type = EventType::kWarning,
                             .message = std::to_string(now - then) + " new media error(s) of " +
                                        controller.name + ", " + std::to_string(now) + " in all",
                             .extra_info = {{"disk", controller.name}}});
  }
}

void JudgeRaid(const sysfs::RaidArray& raid, Report& report, Findings& findings) {
  const auto add = [&](const char* metric, double value) {
    report.samples.push_back({.metric = metric, .labels = {{"device", raid.name}}, .value = value});
  };
  add("disk_raid_disks", raid.disks);
  add("disk_raid_missing_disks", raid.degraded);
  if (raid.sync_ratio) add("disk_raid_sync_ratio", *raid.sync_ratio);
  if (raid.state == "broken") {
    findings.Add(Health::kUnhealthy, raid.name + " has lost more disks than it can bear",
                 RepairAction::kInspectHardware);
  } else if (raid.degraded > 0) {
    const bool rebuilds = raid.sync_action == "recover" || raid.sync_action == "resync";
    findings.Add(Health::kDegraded,
                 raid.name + " (" + raid.level + ") lacks " + std::to_string(raid.degraded) +
                     " of " + std::to_string(raid.disks) + " disks" +
                     (rebuilds ? " and is being rebuilt" : ""),
                 RepairAction::kInspectHardware);
  }
}

bool WasSuspended(const sysfs::Arrays* before, const std::string& device) {
  return before && std::any_of(before->volumes.begin(), before->volumes.end(),
                               [&](const auto& v) { return v.device == device && v.suspended; });
}

}  // namespace

NvmeData JudgeNvme(const Inputs& in, Report& report, Findings& findings) {
  const auto& health = in.Latest<host::NvmeHealth>();
  NvmeData data;
  if (!health) {
    // That only root may ask is told there and is no state: it is so for every other user.
    if (health.error().code != ErrorCode::kPermission) AddUnreadable(report, "disk/nvme", health);
    data.unknown = health.error().what;
    return data;
  }
  for (const host::NvmeController& controller : health->controllers) {
    NvmeDisk& disk = data.disks.emplace_back();
    disk.name = controller.name;
    disk.model = controller.model;
    disk.state = controller.state;
    if (controller.state == "dead") {
      findings.Add(Health::kUnhealthy, controller.name + " was given up by the kernel",
                   RepairAction::kInspectHardware);
    }
    if (!controller.smart) {
      disk.smart = controller.smart.error().what;
      AddUnreadable(report, "disk/" + controller.name, controller.smart);
      continue;
    }
    disk.used_percent = controller.smart->used_percent;
    disk.spare_percent = controller.smart->spare_percent;
    disk.media_errors = controller.smart->media_errors;
    disk.power_on_hours = controller.smart->power_on_hours;
    AddSmart(controller, *controller.smart, report);
    JudgeSmart(controller.name, *controller.smart, findings);
    TellMediaErrors(in, controller, report);
  }
  return data;
}

std::vector<ArrayData> JudgeArrays(const Inputs& in, Report& report, Findings& findings) {
  std::vector<ArrayData> data;
  const auto& arrays = in.Latest<sysfs::Arrays>();
  AddUnreadable(report, "disk/arrays", arrays);
  if (!arrays) return data;
  for (const sysfs::RaidArray& raid : arrays->raids) {
    JudgeRaid(raid, report, findings);
    data.push_back({.name = raid.name,
                    .level = raid.level,
                    .state = raid.state,
                    .sync_action = raid.sync_action,
                    .disks = raid.disks,
                    .missing = raid.degraded});
  }
  for (const sysfs::MappedVolume& volume : arrays->volumes) {
    // A snapshot suspends its volume for a moment.
    if (!volume.suspended || !WasSuspended(in.Previous<sysfs::Arrays>(), volume.device)) continue;
    findings.Add(Health::kDegraded,
                 "the volume " + volume.name + " (" + volume.device + ") is suspended");
  }
  return data;
}

void JudgeForcedReadOnly(const std::vector<procfs::Mount>& mounts, Findings& findings) {
  for (const procfs::Mount& mount : mounts) {
    // Others do not turn themselves read-only, or show it otherwise.
    if (!mount.forced_read_only ||
        (!mount.fs_type.starts_with("ext") && mount.fs_type != "btrfs")) {
      continue;
    }
    findings.Add(Health::kUnhealthy,
                 "the kernel has made " + mount.mount_point + " read-only after an error",
                 RepairAction::kReboot);
  }
}

}  // namespace gpud::disk
