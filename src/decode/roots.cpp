// SPDX-License-Identifier: Apache-2.0
#include "decode/roots.h"

#include <algorithm>
#include <string_view>

namespace gpud::decode {

using std::chrono::seconds;

struct RootRule {
  /// How near the two must be to each other.
  enum class Place : unsigned char {
    kDevice,   ///< the same device, or the one on the other (a partition and its disk)
    kProcess,  ///< the same process, on any device
    kNamed,    ///< the echo names the root's code as its cause, on any device
    kAnywhere,
  };
  std::string_view root_family;
  std::string_view root_codes;  ///< separated by blanks; "*": all; "aer_*": that begin so
  std::string_view echo_family;
  std::string_view echo_codes;
  Place place = Place::kDevice;
  int before = 60;  ///< seconds that the echo may come before the root
  int after = 300;  ///< and behind it
};

namespace {

using Rule = RootRule;
using Place = RootRule::Place;

// The root first, then what follows from it. "Late" roots are those with a long `before`.
constexpr Rule kRules[] = {
    // Memory of the GPU.
    {"xid", "48", "xid", "63 64 92 94 171 172 140"},
    {"xid", "95", "xid", "94 63 64 171 172"},
    {"xid", "94", "xid", "63 171 172"},
    {"xid", "64", "xid", "63"},
    {"xid", "140", "xid", "63 64 94 95"},
    // The way to the GPU: the driver prints after a time-out, so the path comes first.
    {"pci", "aer_fatal aer_nonfatal aer_recovery_failed dpc_containment dpc_uncorrectable", "xid",
     "79"},
    {"pci", "pcie_link_down pcie_card_not_present dpc_containment dpc_uncorrectable", "xid", "79",
     Place::kAnywhere, 1, 10},
    {"pci", "aer_nonfatal aer_fatal", "pci", "aer_recovery_failed dpc_* aer_fatal", Place::kDevice,
     0, 300},
    {"pci", "aer_nonfatal aer_fatal", "pci", "aer_recovery_failed dpc_*", Place::kAnywhere, 1, 120},
    {"pci", "dpc_containment", "pci", "dpc_uncorrectable aer_recovery_failed"},
    {"pci", "pcie_link_down", "pci", "pcie_card_not_present"},
    {"pci", "pcie_link_down pcie_card_not_present aer_fatal dpc_*", "pci",
     "pcie_device_inaccessible pcie_device_not_ready", Place::kAnywhere, 1, 60},
    {"pci", "aer_fatal aer_nonfatal dpc_* pcie_device_inaccessible", "net",
     "device_lost health_compromised firmware_*"},
    {"xid", "79", "pci", "aer_correctable link_degraded", Place::kDevice, 3600, 0},
    {"xid", "79", "xid", "119 120 109 62 110 122 123", Place::kDevice, 600, 300},
    {"xid", "79", "xid", "74 144 145 146 147 149 150", Place::kAnywhere, 2, 30},
    {"xid", "79", "sxid", "*", Place::kAnywhere, 2, 60},  // its links go down with it
    {"xid", "79", "driver", "*", Place::kDevice, 60, 600},
    {"xid", "79", "pci", "pcie_device_inaccessible pcie_device_not_ready", Place::kDevice, 60, 600},
    {"xid", "143", "driver", "rm_init_failed"},
    {"xid", "119 120", "driver", "rm_init_failed probe_failed", Place::kDevice, 60, 300},
    // Firmware of the GPU.
    {"xid", "119 120", "xid", "109 62 31 8", Place::kDevice, 5, 300},
    // The driver waits up to a minute before it tells of a GSP that does not answer; its heartbeat
    // lines name no device.
    {"xid", "62", "xid", "119 120", Place::kDevice, 0, 60},
    {"xid", "119 120", "xid", "119 120", Place::kDevice, 60, 600},
    {"xid", "109", "xid", "8"},
    {"xid", "119 120", "cpu", "hung_task", Place::kAnywhere, 0, 600},
    {"xid", "122 123", "xid", "62 31"},
    // Links between GPUs.
    {"sxid", "*", "xid", "74", Place::kAnywhere, 2, 30},
    {"xid", "74", "xid", "74", Place::kAnywhere, 0, 30},
    {"xid", "74 136", "xid", "136"},
    {"xid", "74 136", "nvlink", "*", Place::kAnywhere, 60, 60},
    {"xid", "149", "xid", "144 145 146 147 150", Place::kAnywhere, 2, 30},
    {"xid", "144 145 146 149 150", "xid", "137"},
    // Programs: what a fault does to the processes on that GPU.
    {"xid", "*", "xid", "43 45", Place::kDevice, 2, 120},
    {"xid", "*", "xid", "154", Place::kDevice, 2, 300},
    {"xid", "*", "xid", "45", Place::kNamed, 2, 120},
    // A link that breaks ends the programs on all GPUs that talk over it; older drivers name no
    // cause.
    {"sxid", "*", "xid", "45", Place::kAnywhere, 2, 10},
    {"xid", "74 149", "xid", "45", Place::kAnywhere, 2, 10},
    {"xid", "13 31 32 69", "xid", "13 31 32 43 45 69", Place::kProcess, 1, 120},
    // AMD.
    {"amd-gpu",
     "ras_fatal_interrupt ras_uncorrectable ras_poison_consumed ring_timeout "
     "queue_preempt_timeout mes_timeout page_fault",
     "amd-gpu", "gpu_reset_begin vram_lost gpu_reset_failed ring_reset_failed"},
    {"amd-gpu", "ras_fatal_interrupt", "amd-gpu", "ras_uncorrectable ras_poison_consumed"},
    {"amd-gpu", "ras_deferred ras_uncorrectable", "amd-gpu", "ras_poison_consumed"},
    {"amd-gpu", "page_fault", "amd-gpu", "ring_timeout queue_preempt_timeout mes_timeout"},
    {"amd-gpu", "mes_timeout", "amd-gpu", "queue_preempt_timeout", Place::kDevice, 1, 60},
    {"amd-gpu", "ring_timeout gpu_reset_begin", "amd-gpu", "mes_timeout ring_test_failed",
     Place::kDevice, 0, 60},
    {"amd-gpu", "gpu_reset_begin", "amd-gpu", "vram_lost gpu_reset_failed", Place::kDevice, 0, 300},
    {"amd-gpu", "ring_timeout mes_timeout queue_preempt_timeout gpu_reset_begin", "amd-gpu",
     "device_wedged_recovered"},
    {"amd-gpu", "ring_test_failed", "amd-gpu", "gpu_init_failed", Place::kDevice, 0, 60},
    // GPUs that are linked are reset together.
    {"amd-gpu", "ras_fatal_interrupt", "amd-gpu", "gpu_reset_begin", Place::kAnywhere, 2, 30},
    // Intel.
    {"intel-gpu",
     "gpu_hang job_timeout memory_cat_error page_fault guc_no_response tlb_invalidation_timeout",
     "intel-gpu", "engine_reset engine_reset_failed gpu_reset gt_reset"},
    {"intel-gpu", "guc_no_response", "intel-gpu", "tlb_invalidation_timeout"},
    {"intel-gpu", "engine_reset_failed", "intel-gpu", "gpu_reset gt_reset"},
    {"intel-gpu", "firmware_load_failed", "intel-gpu", "gpu_init_failed device_wedged"},
    {"intel-gpu", "gpu_hang job_timeout engine_reset_failed gpu_reset gt_reset", "intel-gpu",
     "gpu_reset_failed gt_reset_failed device_wedged*"},
    // Disks: the command, then the request, then what stands on it. Ports and controllers have
    // other
    // names than their disks.
    {"disk", "nvme_io_timeout nvme_controller_reset nvme_controller_down", "disk",
     "nvme_* io_error buffer_io_error ext4_* xfs_* btrfs_* zfs_* journal_* superblock_write_error "
     "filesystem_read_only"},
    {"disk",
     "medium_error nvme_media_error target_error io_timeout scsi_hardware_error "
     "scsi_device_offline device_offline",
     "disk",
     "scsi_command_failed io_error buffer_io_error ext4_* xfs_* btrfs_* zfs_* journal_* "
     "superblock_write_error filesystem_read_only"},
    {"disk", "io_error", "disk",
     "scsi_command_failed buffer_io_error ext4_* xfs_* btrfs_* zfs_* journal_* "
     "superblock_write_error filesystem_read_only"},
    {"disk", "ext4_* journal_*", "disk",
     "superblock_write_error filesystem_read_only journal_aborted journal_superblock_error"},
    {"disk", "xfs_metadata_io_error xfs_log_io_error xfs_corruption", "disk", "xfs_shutdown"},
    {"disk", "ata_exception", "disk", "ata_* sata_link_*"},
    {"disk", "raid_array_failure", "disk",
     "buffer_io_error beyond_end_of_device ext4_* xfs_* journal_* superblock_write_error "
     "filesystem_read_only"},
    {"disk", "nvme_device_disabled scsi_device_offline ata_device_disabled", "disk",
     "raid_member_failure raid_array_failure multipath_path_failed", Place::kAnywhere, 10, 60},
    // File servers and the network below them.
    {"nfs", "server_not_responding", "cpu", "hung_task", Place::kAnywhere, 0, 600},
    {"nfs", "server_not_responding", "nfs", "writeback_hang", Place::kAnywhere, 0, 600},
    {"net", "link_down", "nfs", "server_not_responding", Place::kAnywhere, 0, 600},
    // Network cards: a fault of the card has its PCI address, one of a link the interface's name.
    {"net", "device_lost health_compromised firmware_*", "net",
     "tx_timeout adapter_reset command_timeout link_down", Place::kAnywhere, 5, 60},
    {"net", "high_temperature", "net", "health_compromised health_recovery_failed firmware_*",
     Place::kDevice, 5, 600},
    {"net", "health_compromised firmware_*", "net",
     "firmware_error health_recovery_failed init_failed"},
    {"net", "cable_error cable_unplugged port_module_high_temperature", "net", "link_down",
     Place::kAnywhere, 2, 5},
    {"net", "tx_timeout", "net", "adapter_reset link_down"},
    {"net", "link_down", "net", "bond_down", Place::kAnywhere, 1, 10},
    // Host memory and heat.
    {"memory", "edac_uncorrected", "memory", "edac_corrected", Place::kDevice, 3600, 60},
    {"pci", "aer_*", "mce", "cper_*", Place::kAnywhere, 5, 5},
    // Firmware, processor and memory controller tell of one error each in its words; the memory
    // controller's names the module.
    {"memory", "edac_*", "mce", "mce_corrected mce_uncorrected cper_corrected cper_recoverable",
     Place::kAnywhere, 2, 2},
    {"memory", "edac_uncorrected", "memory", "memory_*", Place::kAnywhere, 5, 30},
    {"mce", "mce_uncorrected cper_recoverable", "memory", "memory_*", Place::kAnywhere, 5, 30},
    {"cpu", "package_throttled", "cpu", "core_throttled", Place::kAnywhere, 60, 300},
    {"memory", "oom_kill_global", "cpu", "hung_task", Place::kAnywhere, 120, 60},
    // Why the kernel died, and what of it came first.
    {"mce", "mce_fatal cper_fatal", "os", "kernel_panic", Place::kAnywhere, 2, 60},
    {"os", "kernel_oops", "os", "kernel_panic", Place::kAnywhere, 0, 60},
    {"cpu", "hard_lockup soft_lockup", "os", "kernel_panic", Place::kAnywhere, 1, 60},
    {"cpu", "hard_lockup", "cpu", "soft_lockup rcu_stall", Place::kAnywhere, 30, 300},
    {"cpu", "soft_lockup", "cpu", "rcu_stall workqueue_lockup", Place::kAnywhere, 60, 300},
};

bool Holds(std::string_view list, std::string_view code) {
  while (!list.empty()) {
    std::string_view word = list.substr(0, list.find(' '));
    list.remove_prefix(std::min(list.size(), word.size() + 1));
    if (word == "*" || word == code) return true;
    if (word.ends_with('*') && code.starts_with(word.substr(0, word.size() - 1))) return true;
  }
  return false;
}

/// "149.NETIR_LINK_EVT" counts as 149.
std::string_view Base(std::string_view code) { return code.substr(0, code.find('.')); }

/// "nvme4n1" is on "nvme4", "sda2" on "sda", "ata1.00" on "ata1".
bool IsPartOf(std::string_view part, std::string_view whole) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return !whole.empty() && part.size() > whole.size() && part.starts_with(whole) &&
         !(is_digit(whole.back()) && is_digit(part[whole.size()])) &&
         part.find_first_not_of("0123456789np.", whole.size()) == std::string_view::npos;
}

bool SameProcess(const LineFinding& a, const LineFinding& b) {
  const auto pid = a.details.find("pid");
  const auto other = b.details.find("pid");
  return pid != a.details.end() && other != b.details.end() && pid->second == other->second;
}

bool Names(const LineFinding& echo, const LineFinding& root) {
  const auto cause = echo.details.find("caused_by");
  return cause != echo.details.end() && cause->second == Base(root.code);
}

bool AreNear(Place place, const LineFinding& echo, const LineFinding& root) {
  switch (place) {
    case Place::kAnywhere:
      return true;
    case Place::kProcess:
      return SameProcess(echo, root);
    case Place::kNamed:
      return Names(echo, root);
    case Place::kDevice:
      break;
  }
  return echo.device == root.device || echo.device.empty() || IsPartOf(echo.device, root.device) ||
         IsPartOf(root.device, echo.device);
}

bool HoldsForRoot(const Rule& rule, const LineFinding& root) {
  return rule.root_family == root.family && Holds(rule.root_codes, Base(root.code));
}

bool HoldsForEcho(const Rule& rule, const LineFinding& echo) {
  return rule.echo_family == echo.family && Holds(rule.echo_codes, Base(echo.code));
}

/// Of two for which the rule's families and codes hold.
bool Joins(const Rule& rule, const Occurrence& echo, const Occurrence& root) {
  const bool equal = echo.finding.family == root.finding.family &&
                     Base(echo.finding.code) == Base(root.finding.code);
  // "*" does not make a fault the root of its own kind; and what only ever follows from others is
  // nobody's root.
  const bool excluded =
      equal ? rule.root_codes == "*" : root.finding.action == Advice::kFollowRelatedEvent;
  return !excluded && echo.time >= root.time - seconds(rule.before) &&
         echo.time <= root.time + seconds(rule.after) &&
         AreNear(rule.place, echo.finding, root.finding);
}

}  // namespace

Kinship::Kinship(const LineFinding& finding) {
  if (finding.clears) return;
  for (const Rule& rule : kRules) {
    if (HoldsForEcho(rule, finding)) as_echo_.push_back(&rule);
    if (HoldsForRoot(rule, finding)) as_root_.push_back(&rule);
  }
}

bool Kinship::IsEchoOf(const Occurrence& own, const Occurrence& other) const {
  return !other.finding.clears &&
         std::any_of(as_echo_.begin(), as_echo_.end(), [&](const Rule* rule) {
           return HoldsForRoot(*rule, other.finding) && Joins(*rule, own, other);
         });
}

bool Kinship::IsRootOf(const Occurrence& own, const Occurrence& other) const {
  return !other.finding.clears &&
         std::any_of(as_root_.begin(), as_root_.end(), [&](const Rule* rule) {
           return HoldsForEcho(*rule, other.finding) && Joins(*rule, other, own);
         });
}

bool IsEchoOf(const Occurrence& echo, const Occurrence& root) {
  return Kinship(echo.finding).IsEchoOf(echo, root);
}

}  // namespace gpud::decode
