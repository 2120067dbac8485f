// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/event_log.h"

#include <algorithm>

namespace gpud::diagnosis {
namespace {

constexpr std::size_t kFold = 16;  // the newest records are compared
constexpr Seconds kBurst = 10;

struct Row {
  std::string_view family;
  std::string_view code;  ///< "*": all; "nvme_*": that begin so
  EventCode means;
  std::string_view name = {};  ///< the spec's
};

using enum EventCode;

// What components call a fault, and what the rules do. The first row that fits counts.
constexpr Row kRows[] = {
    {"xid", "*", kXid, "xid"},
    {"sxid", "*", kSxid, "sxid"},
    {"pci", "aer_correctable", kAerCorrected, "pci/aer_corr"},
    {"pci", "aer_fatal", kAerUncorrected, "pci/aer_fatal"},
    {"pci", "aer_nonfatal", kAerUncorrected},
    {"pci", "aer_recovery_failed", kAerUncorrected},
    {"pci", "dpc_*", kAerUncorrected},
    {"pci", "pcie_link_down", kPciLinkDown, "pci/link_down"},
    {"pci", "pcie_card_not_present", kPciLinkDown},
    {"disk", "nvme_io_timeout", kNvmeTimeout, "nvme/timeout"},
    {"disk", "nvme_controller_reset", kNvmeTimeout},
    {"disk", "nvme_controller_down", kNvmeDown, "nvme/down"},
    {"disk", "nvme_device_disabled", kNvmeDown},
    {"disk", "nvme_removed_after_failure", kNvmeDown},
    {"disk", "nvme_not_ready", kNvmeDown},
    {"disk", "medium_error", kDiskMediumError, "disk/medium_error"},
    {"disk", "nvme_media_error", kDiskMediumError},
    {"disk", "filesystem_read_only", kReadOnly, "fs/readonly"},
    {"disk", "ext4_read_only", kReadOnly},
    {"disk", "xfs_shutdown", kReadOnly},
    {"disk", "journal_aborted", kReadOnly},
    {"disk", "io_error", kDiskIoError, "disk/io_error"},
    {"disk", "buffer_io_error", kDiskIoError},
    {"disk", "io_timeout", kDiskIoError},
    {"disk", "scsi_hardware_error", kDiskIoError},
    {"disk", "target_error", kDiskIoError},
    {"memory", "oom_kill_global", kOomGlobal, "oom/global"},
    {"memory", "oom_kill_cgroup", kOomCgroup, "oom/cgroup"},
    {"memory", "edac_corrected*", kEdacCorrected, "edac/ce"},
    {"memory", "edac_uncorrected", kEdacUncorrected, "edac/ue"},
    {"memory", "memory_failure*", kEdacUncorrected},
    {"mce", "mce_uncorrected", kMachineCheck, "mce"},
    {"mce", "mce_fatal", kMachineCheck},
    {"mce", "cper_recoverable", kMachineCheck},
    {"mce", "cper_fatal", kMachineCheck},
    {"cpu", "hung_task", kHungTask, "hung_task"},
    {"cpu", "soft_lockup", kSoftLockup, "soft_lockup"},
    {"cpu", "hard_lockup", kSoftLockup},
    {"cpu", "core_throttled", kCpuThermal, "cpu/thermal"},
    {"cpu", "package_throttled", kCpuThermal},
    {"cpu", "cpu_throttled", kCpuThermal},
    {"cpu", "critical_temperature", kCpuThermal},
    {"nfs", "server_not_responding", kNfsNotResponding, "nfs/not_responding"},
    {"nfs", "server_ok", kNfsOk, "nfs/ok"},
    {"net", "link_down", kNetLinkDown, "net/link_down"},
    {"net", "link_up", kNetLinkUp, "net/link_up"},
    {"net", "cable_error", kNetCable, "net/cable"},
    {"net", "cable_unplugged", kNetCable},
    {"net", "unsupported_module", kOther},
    {"net", "port_module_high_temperature", kNetTemperature, "net/temp"},
    {"net", "high_temperature", kNetTemperature},
    {"net", "health_compromised", kNetHealth, "net/health"},
    {"net", "device_lost", kNetHealth},
    {"net", "firmware_error", kNetHealth},
    {"net", "firmware_fatal_error", kNetHealth},
    {"net", "health_recovery_failed", kNetHealth},
    {"net", "rdma_retry_exceeded", kIbRetryExceeded, "ib/retry_exceeded"},
    {"amd-gpu", "ras_uncorrectable", kAmdUncorrected, "amd/ras_ue"},
    {"amd-gpu", "ras_poison_consumed", kAmdUncorrected},
    {"amd-gpu", "ras_fatal_interrupt", kAmdUncorrected},
    {"amd-gpu", "ras_correctable", kAmdCorrected, "amd/ras_ce"},
    {"amd-gpu", "gpu_reset_failed", kAmdResetFailed, "amd/reset_failed"},
    {"amd-gpu", "ring_reset_failed", kAmdResetFailed},
    {"amd-gpu", "ring_timeout", kAmdRingTimeout, "amd/ring_timeout"},
    {"amd-gpu", "mes_timeout", kAmdRingTimeout},
    {"amd-gpu", "queue_preempt_timeout", kAmdRingTimeout},
    {"amd-gpu", "page_fault", kAmdPageFault, "amd/page_fault"},
    {"intel-gpu", "device_wedged*", kIntelWedged, "intel/wedged"},
    {"intel-gpu", "gt_reset_failed", kIntelWedged},
    {"intel-gpu", "gpu_reset_failed", kIntelWedged},
    {"intel-gpu", "memory_cat_error", kIntelMemoryFault, "intel/cat_error"},
    {"intel-gpu", "page_fault", kIntelMemoryFault},
    {"driver", "version_mismatch", kDriverMismatch, "driver/mismatch"},
};

bool Fits(std::string_view pattern, std::string_view code) {
  if (pattern.ends_with('*')) return code.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == code;
}

}  // namespace

EventCode CodeOf(const LineFinding& finding) {
  const auto row = std::ranges::find_if(kRows, [&](const Row& r) {
    return r.family == finding.family && Fits(r.code, finding.code);
  });
  return row == std::end(kRows) ? kOther : row->means;
}

std::string NameOf(const NodeEvent& event) {
  const auto row = std::ranges::find_if(
      kRows, [&](const Row& r) { return r.means == event.code && !r.name.empty(); });
  if (row == std::end(kRows)) return "event";
  std::string name(row->name);
  if (event.code == kXid || event.code == kSxid) name += "/" + std::to_string(event.number);
  return name;
}

void EventLog::Add(NodeEvent event) {
  seen_[static_cast<std::size_t>(event.code)] = true;
  // A burst of equal lines is one record with a count.
  const std::size_t look_at = std::min(events_.size(), kFold);
  for (std::size_t i = 0; i < look_at; ++i) {
    NodeEvent& known = events_[events_.size() - 1 - i];
    if (event.t - known.t > kBurst) break;
    const bool same = known.code == event.code && known.number == event.number &&
                      known.device == event.device && known.pid == event.pid &&
                      known.link == event.link && known.echo == event.echo &&
                      known.over == event.over && known.detail == event.detail;
    if (!same || event.number == 154) continue;
    known.count += event.count;
    return;
  }
  events_.push_back(std::move(event));
  if (events_.size() > kMost) events_.pop_front();
}

}  // namespace gpud::diagnosis
