// SPDX-License-Identifier: Apache-2.0
// Kernel lines of the block layer, of SCSI and ATA disks, and of arrays and volumes made of disks.
#pragma once

#include "components/line_table.h"

namespace gpud::disk {

void DropDiscards(const LineFields& fields, std::string_view line, LineFinding& finding);
void RefineBeyondEnd(const LineFields& fields, std::string_view line, LineFinding& finding);
void RefineArray(const LineFields& fields, std::string_view line, LineFinding& finding);
void RefineMirrors(const LineFields& fields, std::string_view line, LineFinding& finding);
void NamePort(const LineFields& fields, std::string_view line, LineFinding& finding);
void TrimColon(const LineFields& fields, std::string_view line, LineFinding& finding);

/// A fault of a disk that asks for a look at it.
constexpr LineRule Hardware(std::string_view needle, std::string_view form, std::string_view code,
                            EventType severity,
                            void (*refine)(const LineFields&, std::string_view,
                                           LineFinding&) = nullptr) {
  return {.needle = needle,
          .form = form,
          .code = code,
          .severity = severity,
          .action = Advice::kHardwareInspection,
          .refine = refine};
}
/// block/blk-core.c: "[blk_update_request: |print_req_error: |end_request: ]KIND error, dev D".
constexpr LineRule Request(std::string_view form, std::string_view code, EventType severity) {
  return Hardware(" error, dev ", form, code, severity, DropDiscards);
}

inline constexpr auto kFatal = EventType::kFatal;
inline constexpr auto kCritical = EventType::kCritical;
inline constexpr auto kWarning = EventType::kWarning;

/// An event of a RAID controller, in its own words.
constexpr LineRule Adapter(std::string_view needle, std::string_view form) {
  return Hardware(needle, form, "hba_event", kCritical);
}
/// A disk that is somewhere else.
constexpr LineRule Network(std::string_view needle, std::string_view form, std::string_view code,
                           EventType severity) {
  return {.needle = needle,
          .form = form,
          .code = code,
          .severity = severity,
          .action = Advice::kCheckStorageNetwork,
          .refine = TrimColon};
}

inline constexpr LineRule kBlockRules[] = {
    Request("critical medium error, dev <device:dev>, sector <sector:n>", "medium_error",
            kCritical),
    Request("critical target error, dev <device:dev>, sector <sector:n>", "target_error",
            kCritical),
    Request("critical nexus error, dev <device:dev>, sector <sector:n>", "nexus_error", kWarning),
    Request("reservation conflict error, dev <device:dev>, sector <sector:n>", "nexus_error",
            kWarning),
    Request("critical space allocation error, dev <device:dev>, sector <sector:n>",
            "space_allocation_error", kCritical),
    Request("recoverable transport error, dev <device:dev>, sector <sector:n>", "transport_error",
            kWarning),
    Request("timeout error, dev <device:dev>, sector <sector:n>", "io_timeout", kCritical),
    Request("protection error, dev <device:dev>, sector <sector:n>", "protection_error", kCritical),
    Request("device offline error, dev <device:dev>, sector <sector:n>", "device_offline",
            kCritical),
    Request("I/O error, dev <device:dev>, sector <sector:n>", "io_error", kCritical),
    // fs/buffer.c
    Hardware("Buffer I/O error on dev",
             "Buffer I/O error on dev <device:dev>, logical block <block:n>", "buffer_io_error",
             kCritical),
    Hardware("Buffer I/O error on dev",
             "Buffer I/O error on device <device:dev>, logical block <block:n>", "buffer_io_error",
             kCritical),
    Hardware("lost page write due to I/O error on",
             "lost page write due to I/O error on <device:dev>", "buffer_io_error", kCritical),
    Hardware("attempt to access beyond end of device", "attempt to access beyond end of device",
             "beyond_end_of_device", kCritical, RefineBeyondEnd),
    // mm/page_io.c
    Hardware("-error on swap-device", "Read-error on swap-device (<device:maj>:", "swap_io_error",
             kCritical),
    Hardware("-error on swap-device", "Write-error on swap-device (<device:maj>:", "swap_io_error",
             kCritical),
    // drivers/scsi
    Hardware("Result: hostbyte=", "[<device:dev>] <*>FAILED Result: hostbyte=<host:w> driverbyte=",
             "scsi_command_failed", kWarning),
    Hardware("Result: hostbyte=", "[<device:dev>] <*>UNKNOWN(<x>) Result: hostbyte=<host:w> ",
             "scsi_command_failed", kWarning),
    Hardware("Result: hostbyte=", "[<device:dev>] Result: hostbyte=<host:w> ",
             "scsi_command_failed", kWarning),
    Hardware("rejecting I/O to offline device", "sd <device:w> rejecting I/O to offline device",
             "scsi_device_offline", kFatal, TrimColon),
    Hardware("Device offlined - ", "sd <device:w> Device offlined - ", "scsi_device_offline",
             kFatal, TrimColon),
    Hardware("timing out command, waited ", "sd <device:w> <*>timing out command, waited <s:n>s",
             "scsi_timeout", kWarning, TrimColon),
    Hardware("attempting task abort", "sd <device:w> <*>attempting task abort", "scsi_task_abort",
             kWarning, TrimColon),
    Hardware("attempting task abort", "<device:dev>: attempting task abort", "scsi_task_abort",
             kWarning),
    // Host adapters: drivers/scsi/mpt3sas, megaraid
    Hardware("fault_state(0x", "<device:dev>: fault_state(<state:x>)", "hba_fault", kCritical),
    Hardware("attempting host reset", "<device:dev>: attempting host reset", "hba_fault",
             kCritical),
    Hardware("SAS host is non-operational", "<device:dev>: SAS host is non-operational",
             "hba_failed", kFatal),
    Hardware("FW in FAULT state", "<device:pci>: <*>FW in FAULT state", "hba_fault", kCritical),
    Hardware("FW in FAULT state", "FW in FAULT state", "hba_fault", kCritical),
    Hardware("Controller lockup detected: ",
             "hpsa <device:pci>: Controller lockup detected: <code:x>", "hba_failed", kFatal),
    Adapter("/CRIT) - ", "megaraid_sas <device:pci>: <event:n> (<*>/CRIT) - <what:*>"),
    Adapter("/FATAL) - ", "megaraid_sas <device:pci>: <event:n> (<*>/FATAL) - <what:*>"),
    Adapter("/DEAD) - ", "megaraid_sas <device:pci>: <event:n> (<*>/DEAD) - <what:*>"),
    Hardware("controller is offline: status code ",
             "<device:pci>: controller is offline: status code <status:x>", "hba_failed", kFatal),
    // drivers/scsi/scsi_transport_{iscsi,fc}.c
    Network("detected conn error (", "<device:w> detected conn error (<error:n>)",
            "iscsi_connection_lost", kWarning),
    Network("session recovery timed out after ",
            "<device:w> session recovery timed out after <seconds:n> secs", "iscsi_session_lost",
            kCritical),
    Network("blocked FC remote port time out", "<device:w> blocked FC remote port time out",
            "fc_port_lost", kCritical),
    // drivers/ata/libata-eh.c
    Hardware("exception Emask ", "ata<device:dev>: exception Emask <emask:x> ", "ata_exception",
             kWarning, NamePort),
    Hardware(": hard resetting link", "ata<device:dev>: hard resetting link", "ata_link_reset",
             kWarning, NamePort),
    Hardware(": COMRESET failed", "ata<device:dev>: COMRESET failed", "ata_reset_failed", kCritical,
             NamePort),
    Hardware(": reset failed, giving up", "ata<device:dev>: reset failed, giving up",
             "ata_reset_failed", kCritical, NamePort),
    Hardware(": disable device", "ata<device:dev>: disable device", "ata_device_disabled", kFatal,
             NamePort),
    Hardware(": disabled", "ata<device:dev>: disabled", "ata_device_disabled", kFatal, NamePort),
    Hardware("limiting SATA link speed", "ata<device:dev>: limiting SATA link speed to <speed:*>",
             "sata_link_slower", kWarning, NamePort),
    // drivers/md
    Hardware(": Disk failure on ", "md/<array:*>: Disk failure on <disk:dev>, disabling device",
             "raid_member_failure", kCritical, RefineArray),
    Hardware(": Disk failure on ", "md/<array:*>: Disk failure on <disk:dev> detected, failing",
             "raid_array_failure", kFatal, RefineArray),
    Hardware("Cannot continue operation (", "md/<array:*>: Cannot continue operation (",
             "raid_array_failure", kFatal, RefineArray),
    Hardware("not enough operational ", "md/<array:*>: not enough operational ",
             "raid_array_failure", kFatal, RefineArray),
    Hardware("read error not correctable", "md/<array:*>: read error not correctable",
             "raid_read_error", kCritical, RefineArray),
    Hardware("unrecoverable I/O ", "md/<array:*>: <disk:dev>: unrecoverable I/O ",
             "raid_read_error", kCritical, RefineArray),
    Hardware("read error corrected (", "md/<array:*>: read error corrected (",
             "raid_read_error_corrected", kWarning, RefineArray),
    Hardware("md: kicking ", "md: kicking <*> <disk:dev> from array", "raid_member_kicked",
             kCritical),
    Hardware("md: super_written gets error", "md: super_written gets error=<error:n>",
             "superblock_write_error", kCritical),
    Hardware(" active with ", "md/<array:*>: <*>active with <active:n> out of <all:n> ",
             "raid_degraded", kCritical, RefineMirrors),
    {.needle = ": recovery done",
     .form = "md: <device:dev>: recovery done",
     .code = "raid_rebuild_done",
     .severity = EventType::kInfo},
    // drivers/md/dm-*.c
    Hardware("Failing path ", "device-mapper: multipath: <device:maj>: Failing path <path:maj>",
             "multipath_path_failed", kWarning),
    Hardware("Failing path ", "device-mapper: multipath: Failing path <device:maj>",
             "multipath_path_failed", kWarning),
    {.needle = "Reinstating path ",
     .form = "device-mapper: multipath: <device:maj>: Reinstating path <path:maj>",
     .code = "multipath_path_reinstated",
     .severity = EventType::kInfo},
    Hardware(
        "device-mapper: ", "device-mapper: <target:w> <device:maj>: switching <*> to fail mode",
        "dm_failed", kFatal),
    Hardware("device-mapper: ",
             "device-mapper: <target:w> <device:maj>: switching <*> to read-only mode",
             "dm_read_only", kFatal),
    {.needle = "device-mapper: ",
     .form = "device-mapper: thin: <device:maj>: switching pool to out-of-data-space",
     .code = "dm_thin_out_of_space",
     .severity = EventType::kCritical,
     .action = Advice::kInvestigateHost},
    Hardware("device-mapper: ",
             "device-mapper: <target:w> <device:maj>: metadata operation '<what:*>' failed",
             "dm_metadata_error", kCritical),
    Hardware("device-mapper: ", "device-mapper: snapshots: Invalidating snapshot: ",
             "dm_snapshot_invalid", kCritical),
    Hardware("device-mapper: ", "device-mapper: integrity: <device:dev>: Checksum failed",
             "dm_checksum_error", kCritical),
    Hardware("device-mapper: ", "device-mapper: integrity: <device:maj>: Checksum failed",
             "dm_checksum_error", kCritical),
    Hardware("device-mapper: ", "device-mapper: crypt: <device:dev>: INTEGRITY AEAD ERROR",
             "dm_checksum_error", kCritical),
    Hardware("device-mapper: ", "device-mapper: verity: <device:maj>: <*> is corrupted",
             "dm_checksum_error", kCritical),
};

}  // namespace gpud::disk
