// SPDX-License-Identifier: Apache-2.0
#include "components/disk/disk_lines.h"

#include <gtest/gtest.h>

#include "testing/component_kit.h"

namespace gpud::disk {
extern const ComponentType kType;
namespace {

using Rows = std::initializer_list<std::pair<const char*, const char*>>;

void ExpectTold(Rows rows) {
  for (const auto& [line, told] : rows) EXPECT_EQ(Told(kType, line), told) << line;
}
void ExpectSilent(std::initializer_list<const char*> lines) {
  for (const char* line : lines) EXPECT_EQ(Told(kType, line), "") << line;
}

TEST(BlockLines, TellOfRequestsThatFailed) {
  ExpectTold({
      {"blk_update_request: I/O error, dev sdb, sector 2048 op 0x1:(WRITE) flags 0x800",
       "io_error sdb critical HARDWARE_INSPECTION"},
      {"end_request: I/O error, dev sdb, sector 2048", "io_error sdb critical HARDWARE_INSPECTION"},
      {"print_req_error: critical medium error, dev sdb, sector 2048",
       "medium_error sdb critical HARDWARE_INSPECTION"},
      {"critical target error, dev nvme0n1, sector 8 op 0x1:(WRITE) flags 0x0 phys_seg 1",
       "target_error nvme0n1 critical HARDWARE_INSPECTION"},
      {"critical nexus error, dev sdc, sector 0", "nexus_error sdc warning HARDWARE_INSPECTION"},
      {"critical space allocation error, dev dm-3, sector 99",
       "space_allocation_error dm-3 critical HARDWARE_INSPECTION"},
      {"recoverable transport error, dev sdd, sector 7",
       "transport_error sdd warning HARDWARE_INSPECTION"},
      {"timeout error, dev sdd, sector 7", "io_timeout sdd critical HARDWARE_INSPECTION"},
      {"protection error, dev sdd, sector 7", "protection_error sdd critical HARDWARE_INSPECTION"},
      {"device offline error, dev sdd, sector 7",
       "device_offline sdd critical HARDWARE_INSPECTION"},
      {"Buffer I/O error on dev dm-0, logical block 1234, lost async page write",
       "buffer_io_error dm-0 critical HARDWARE_INSPECTION"},
      {"Buffer I/O error on device sda1, logical block 1",
       "buffer_io_error sda1 critical HARDWARE_INSPECTION"},
      {"sda: attempt to access beyond end of device",
       "beyond_end_of_device sda critical HARDWARE_INSPECTION"},
      {"dd: attempt to access beyond end of device\nsdc1: rw=0, sector=9, nr_sectors = 8 limit=1",
       "beyond_end_of_device sdc1 critical HARDWARE_INSPECTION"},
      {"kworker/u203:1: attempt to access beyond end of device",
       "beyond_end_of_device - critical HARDWARE_INSPECTION"},
      {"Read-error on swap-device (253:1:1234)",
       "swap_io_error 253:1 critical HARDWARE_INSPECTION"},
  });
}

TEST(BlockLines, AreSilentOnEmptyDrivesAndRefusedDiscards) {
  ExpectSilent({
      "I/O error, dev fd0, sector 0 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2",
      "I/O error, dev sr0, sector 0 op 0x0:(READ) flags 0x0",
      "I/O error, dev loop3, sector 0 op 0x0:(READ) flags 0x80700",
      "Buffer I/O error on dev sr0, logical block 0, async page read",
      "Buffer I/O error on dev sda",
      "critical target error, dev sda, sector 0 op 0x3:(DISCARD) flags 0x800",
      "critical target error, dev sda, sector 0 op 0x9:(WRITE_ZEROES) flags 0x0",
      "operation not supported error, dev nvme0n1, sector 0 op 0x9:(WRITE_ZEROES)",
      "buffer_io_error: 12 callbacks suppressed",
  });
}

TEST(ScsiLines, TellOfCommandsAndDevices) {
  ExpectTold({
      {"sd 2:0:0:0: [sda] tag#12 FAILED Result: hostbyte=DID_OK driverbyte=DRIVER_SENSE",
       "scsi_command_failed sda warning HARDWARE_INSPECTION"},
      {"sd 2:0:0:0: [sda] tag#0 UNKNOWN(0x2003) Result: hostbyte=DID_TIME_OUT driverbyte=0x0",
       "scsi_command_failed sda warning HARDWARE_INSPECTION"},
      {"sd 2:0:0:0: [sda]  Result: hostbyte=DID_BAD_TARGET driverbyte=DRIVER_OK",
       "scsi_command_failed sda warning HARDWARE_INSPECTION"},
      {"sd 2:0:0:0: [sda] tag#3 Sense Key : Hardware Error [current]",
       "scsi_hardware_error sda critical HARDWARE_INSPECTION"},
      {"sd 2:0:0:0: rejecting I/O to offline device",
       "scsi_device_offline 2:0:0:0 fatal HARDWARE_INSPECTION"},
      {"sd 2:0:0:0: Device offlined - not ready after error recovery",
       "scsi_device_offline 2:0:0:0 fatal HARDWARE_INSPECTION"},
      {"sd 2:0:0:0: [sdb] tag#3 timing out command, waited 180s",
       "scsi_timeout sdb warning HARDWARE_INSPECTION"},
      {"sd 0:0:1:0: [sdb] tag#12 attempting task abort! scmd(00000000abc)",
       "scsi_task_abort sdb warning HARDWARE_INSPECTION"},
      {"sd 0:0:1:0: attempting task abort!scmd(0xed5a9b35), outstanding for 73176 ms",
       "scsi_task_abort 0:0:1:0 warning HARDWARE_INSPECTION"},
      {"mpt2sas3: attempting task abort! scmd(ffff8814605d2100)",
       "scsi_task_abort mpt2sas3 warning HARDWARE_INSPECTION"},
      {"mpt2sas_cm0: attempting host reset! scmd(0x000000008734b0f9)",
       "hba_fault mpt2sas_cm0 critical HARDWARE_INSPECTION"},
      {"megaraid_sas 0000:18:00.0: Found FW in FAULT state, will reset adapter scsi0.",
       "hba_fault 0000:18:00.0 critical HARDWARE_INSPECTION"},
      {"hpsa 0000:03:00.0: Controller lockup detected: 0xffff0000 after 30",
       "hba_failed 0000:03:00.0 fatal HARDWARE_INSPECTION"},
      {"megaraid_sas 0000:18:00.0: 12345 (700000000s/0x0001/CRIT) - VD 00/0 is now DEGRADED",
       "hba_event 0000:18:00.0 critical HARDWARE_INSPECTION"},
      {"smartpqi 0000:5c:00.0: controller is offline: status code 0x6100c",
       "hba_failed 0000:5c:00.0 fatal HARDWARE_INSPECTION"},
      {" connection1:0: detected conn error (1020)",
       "iscsi_connection_lost connection1:0 warning CHECK_STORAGE_NETWORK"},
      {" session1: session recovery timed out after 120 secs",
       "iscsi_session_lost session1 critical CHECK_STORAGE_NETWORK"},
      {" rport-1:0-2: blocked FC remote port time out: removing target and saving binding",
       "fc_port_lost rport-1:0-2 critical CHECK_STORAGE_NETWORK"},
      {"mpt3sas_cm0: fault_state(0x5854)!", "hba_fault mpt3sas_cm0 critical HARDWARE_INSPECTION"},
  });
  ExpectSilent(
      {"sr 1:0:0:0: [sr0] tag#0 FAILED Result: hostbyte=DID_OK driverbyte=DRIVER_SENSE",
       "sd 5:0:0:0: [sdd] Assuming drive cache: write through",
       "sd 2:0:0:0: [sda] tag#3 Sense Key : Recovered Error [current]",
       "sd 2:0:0:0: [sda] Read Capacity(10) failed: Result: hostbyte=DID_OK"
       " driverbyte=DRIVER_SENSE",
       "sd 2:0:0:0: Power-on or device reset occurred",
       "megaraid_sas 0000:18:00.0: 12345 (700000000s/0x0001/INFO) - Patrol Read complete"});
}

TEST(ScsiLines, PutTheReasonIntoTheDetails) {
  const auto found = Find(kType, {"sd 2:0:0:0: [sda] tag#12 FAILED Result: hostbyte=DID_OK "
                                  "driverbyte=DRIVER_OK cmd_age=7s",
                                  "sd 2:0:0:0: [sda] tag#12 Sense Key : Medium Error [current] ",
                                  "sd 2:0:0:0: [sda] tag#12 Add. Sense: Unrecovered read error",
                                  "sd 3:0:0:0: [sdb] tag#12 Add. Sense: Of another disk"});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].details.at("sense_key"), "Medium Error");
  EXPECT_EQ(found[0].details.at("sense"), "Unrecovered read error");
  EXPECT_EQ(found[0].details.at("host"), "DID_OK");
}

TEST(AtaLines, TellOfDisksAndTheirLinks) {
  ExpectTold({
      {"ata1.00: exception Emask 0x0 SAct 0x4 SErr 0x0 action 0x6 frozen",
       "ata_exception ata1.00 warning HARDWARE_INSPECTION"},
      {"ata1: hard resetting link", "ata_link_reset ata1 warning HARDWARE_INSPECTION"},
      {"ata3: COMRESET failed (errno=-16)", "ata_reset_failed ata3 critical HARDWARE_INSPECTION"},
      {"ata1.00: disabled", "ata_device_disabled ata1.00 fatal HARDWARE_INSPECTION"},
      {"ata1.00: disable device", "ata_device_disabled ata1.00 fatal HARDWARE_INSPECTION"},
      {"ata1: limiting SATA link speed to 1.5 Gbps",
       "sata_link_slower ata1 warning HARDWARE_INSPECTION"},
  });
  ExpectSilent({"ata5: SATA link down (SStatus 0 SControl 300)",
                "ata1: SATA link up 6.0 Gbps (SStatus 133 SControl 300)",
                "ata1: link is slow to respond, please be patient (ready=0)",
                "ata1.00: NCQ disabled due to excessive errors"});
}

TEST(AtaLines, ALinkIsLostOnlyWhereThereWasOne) {
  const auto found =
      Find(kType, {"ata1: SATA link up 6.0 Gbps (SStatus 133 SControl 300)",
                   "ata2: SATA link down (SStatus 0 SControl 300)",
                   "ata1.00: exception Emask 0x10 SAct 0x0 SErr 0x4050000 action 0xe",
                   "ata1.00: failed command: READ FPDMA QUEUED",
                   "ata1: SATA link down (SStatus 0 SControl 300)",
                   "ata1: SATA link down (SStatus 0 SControl 300)"});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].details.at("command"), "READ FPDMA QUEUED");
  EXPECT_EQ(found[1].code, "sata_link_down");
  EXPECT_EQ(found[1].device, "ata1");
}

TEST(NvmeLines, TellOfControllersPathsAndMedia) {
  ExpectTold({
      {"nvme nvme4: I/O tag 821 (1335) opcode 0x1 (I/O Cmd) QID 24 timeout, aborting "
       "req_op:WRITE(1)",
       "nvme_io_timeout nvme4 warning HARDWARE_INSPECTION"},
      {"nvme nvme1: I/O 63 QID 5 timeout, aborting",
       "nvme_io_timeout nvme1 warning HARDWARE_INSPECTION"},
      {"nvme nvme1: I/O timeout, reset controller",
       "nvme_controller_reset nvme1 critical HARDWARE_INSPECTION"},
      {"nvme nvme1: I/O 63 QID 5 timeout, completion polled",
       "nvme_io_timeout nvme1 warning HARDWARE_INSPECTION"},
      {"nvme nvme1: I/O 63 QID 5 timeout, reset controller",
       "nvme_controller_reset nvme1 critical HARDWARE_INSPECTION"},
      {"nvme nvme0: I/O tag 28 (401c) QID 0 timeout, disable controller",
       "nvme_controller_reset nvme0 critical HARDWARE_INSPECTION"},
      {"nvme 0000:01:00.0: I/O 63 QID 5 timeout, reset controller",
       "nvme_controller_reset 0000:01:00.0 critical HARDWARE_INSPECTION"},
      {"nvme 0000:01:00.0: Failed status: 0x3, reset controller.",
       "nvme_controller_reset 0000:01:00.0 critical HARDWARE_INSPECTION"},
      {"nvme nvme2: frozen state error detected, reset controller",
       "nvme_controller_reset nvme2 critical HARDWARE_INSPECTION"},
      {"nvme nvme4: controller is down; will reset: CSTS=0xffffffff, PCI_STATUS=0xffff",
       "nvme_controller_down nvme4 critical HARDWARE_INSPECTION"},
      {"nvme nvme4: Device not ready; aborting initialisation, CSTS=0x0",
       "nvme_not_ready nvme4 critical HARDWARE_INSPECTION"},
      {"nvme nvme0: Disabling device after reset failure: -19",
       "nvme_device_disabled nvme0 fatal HARDWARE_INSPECTION"},
      {"nvme nvme0: Removing after probe failure status: -19",
       "nvme_device_disabled nvme0 fatal HARDWARE_INSPECTION"},
      {"nvme 0000:01:00.0: Removing after probe failure",
       "nvme_device_disabled 0000:01:00.0 fatal HARDWARE_INSPECTION"},
      {"nvme 0001:01:00.0: probe with driver nvme failed with error -5",
       "nvme_init_failed 0001:01:00.0 critical HARDWARE_INSPECTION"},
      {"nvme nvme0: Identify Controller failed (-4)",
       "nvme_init_failed nvme0 critical HARDWARE_INSPECTION"},
      {"block nvme0n1: no available path - failing I/O",
       "nvme_path_failure nvme0n1 critical HARDWARE_INSPECTION"},
      {"block nvme0n1: no usable path - requeuing I/O",
       "nvme_path_requeued nvme0n1 warning HARDWARE_INSPECTION"},
      {"nvme0n1: Read(0x2) @ LBA 199221, 8 blocks, Unrecovered Read Error (sct 0x2 / sc 0x81) DNR",
       "nvme_media_error nvme0n1 critical HARDWARE_INSPECTION"},
      {"nvme0n1: Write(0x1) @ LBA 9, 8 blocks, Internal Error (sct 0x0 / sc 0x6) MORE",
       "nvme_command_failed nvme0n1 warning HARDWARE_INSPECTION"},
      {"nvme0c1n1: I/O Cmd(0x2) @ LBA 9, 8 blocks, I/O Error (sct 0x3 / sc 0x71)",
       "nvme_path_error nvme0c1n1 warning HARDWARE_INSPECTION"},
      {"nvme nvme1: I/O tag 5 (0005) type 4 opcode 0x2 (I/O Cmd) QID 1 timeout",
       "nvme_io_timeout nvme1 warning CHECK_STORAGE_NETWORK"},
      {"nvme nvme1: I/O 12 QID 3 timeout", "nvme_io_timeout nvme1 warning CHECK_STORAGE_NETWORK"},
      {"nvme nvme1: queue 0: timeout cid 0x1001 type 4 opcode 0x18 (Keep Alive)",
       "nvme_io_timeout nvme1 warning CHECK_STORAGE_NETWORK"},
      {"nvme nvme1: queue 3: timeout request 0x12 type 4",
       "nvme_io_timeout nvme1 warning CHECK_STORAGE_NETWORK"},
  });
  ExpectSilent({"nvme nvme1: Shutdown timeout set to 8 seconds", "x timeout, reset controller",
                "nvme nvme4: Abort status: 0x0", "nvme nvme1: failed to set APST feature (2)",
                "nvme0: Identify(0x6), Invalid Field in Command (sct 0x0 / sc 0x2) MORE DNR",
                "nvme0n1: I/O Cmd(0x9) @ LBA 0, 8 blocks, I/O Error (sct 0x0 / sc 0x2) DNR",
                "nvme0n1: Compare(0x5) @ LBA 0, 8 blocks, Compare Failure (sct 0x2 / sc 0x85)"});
}

TEST(RaidLines, TellOfArraysAndVolumes) {
  ExpectTold({
      {"md/raid:md0: Disk failure on nvme1n1 detected, failing array",
       "raid_array_failure md0 fatal HARDWARE_INSPECTION"},
      {"md/raid0md0: Disk failure on nvme0n1p1 detected, failing array.",
       "raid_array_failure md0 fatal HARDWARE_INSPECTION"},
      {"md/raid1:md0: Disk failure on sdb1, disabling device.\nmd/raid1:md0: Operation continuing",
       "raid_member_failure md0 critical HARDWARE_INSPECTION"},
      {"md/raid:md5: Cannot continue operation (2/4 failed).",
       "raid_array_failure md5 fatal HARDWARE_INSPECTION"},
      {"md/raid:md5: not enough operational devices (2/4 failed)",
       "raid_array_failure md5 fatal HARDWARE_INSPECTION"},
      {"md/raid1:md127: active with 1 out of 2 mirrors",
       "raid_degraded md127 critical HARDWARE_INSPECTION"},
      {"md/raid:md5: raid level 5 active with 2 out of 3 devices, algorithm 2",
       "raid_degraded md5 critical HARDWARE_INSPECTION"},
      {"md/raid:md5: read error corrected (8 sectors at 99 on sdb1)",
       "raid_read_error_corrected md5 warning HARDWARE_INSPECTION"},
      {"md: kicking non-fresh sdb1 from array!",
       "raid_member_kicked - critical HARDWARE_INSPECTION"},
      {"md: md0: recovery done.", "raid_rebuild_done md0 info IGNORE_NO_ACTION_REQUIRED"},
      {"device-mapper: multipath: 253:4: Failing path 8:32.",
       "multipath_path_failed 253:4 warning HARDWARE_INSPECTION"},
      {"device-mapper: multipath: Failing path 8:32.",
       "multipath_path_failed 8:32 warning HARDWARE_INSPECTION"},
      {"device-mapper: multipath: Failing path 65:48.",
       "multipath_path_failed 65:48 warning HARDWARE_INSPECTION"},
      {"device-mapper: multipath: 253:4: Reinstating path 8:32.",
       "multipath_path_reinstated 253:4 info IGNORE_NO_ACTION_REQUIRED"},
      {"device-mapper: thin: 253:4: switching pool to out-of-data-space (queue IO) mode",
       "dm_thin_out_of_space 253:4 critical INVESTIGATE_HOST"},
      {"device-mapper: thin: 253:4: switching pool to read-only mode",
       "dm_read_only 253:4 fatal HARDWARE_INSPECTION"},
      {"device-mapper: verity: 253:0: data block 77 is corrupted",
       "dm_checksum_error 253:0 critical HARDWARE_INSPECTION"},
  });
  ExpectSilent({"md/raid1:md127: active with 2 out of 2 mirrors",
                "md: data-check of RAID array md127", "md: md127: data-check done.",
                "md: recovery of RAID array md0", "device-mapper: uevent: version 1.0.3",
                "device-mapper: ioctl: 4.48.0-ioctl (2023-03-01) initialised",
                "device-mapper: thin: 253:4: switching pool to write mode"});
}

TEST(FileSystemLines, TellOfWhatIsDamagedOrStopped) {
  ExpectTold({
      {"EXT4-fs error (device md0): ext4_find_entry:1683: inode #2: comm systemd: reading "
       "directory",
       "ext4_error md0 critical REBOOT_SYSTEM"},
      {"EXT4-fs error (device dm-4) in ext4_do_update_inode:5222: IO failure",
       "ext4_error dm-4 critical REBOOT_SYSTEM"},
      {"EXT4-fs error (device sda1): ext4_lookup:1855: inode #2: comm a b: c: iget: bad "
       "extra_isize",
       "ext4_error sda1 critical REBOOT_SYSTEM"},
      {"EXT4-fs (sda1): I/O error while writing superblock",
       "superblock_write_error sda1 critical HARDWARE_INSPECTION"},
      {"EXT4-fs (sda1): Remounting filesystem read-only",
       "filesystem_read_only sda1 fatal REBOOT_SYSTEM"},
      {"EXT4-fs (dm-0): Delayed block allocation failed for inode 12 at logical offset 0 with max",
       "ext4_delayed_allocation_failed dm-0 critical HARDWARE_INSPECTION"},
      {"EXT4-fs warning (device sda1): ext4_end_bio:345: I/O error 10 writing to inode 12",
       "ext4_write_error sda1 critical HARDWARE_INSPECTION"},
      {"EXT4-fs (sda1): warning: mounting fs with errors, running e2fsck is recommended",
       "ext4_has_errors sda1 warning REBOOT_SYSTEM"},
      {"EXT4-fs warning (device sda1): ext4_clear_journal_err:4531: Filesystem error recorded from "
       "previous mount: IO failure",
       "ext4_has_errors sda1 warning REBOOT_SYSTEM"},
      {"EXT4-fs (sda1): error count since last fsck: 3",
       "ext4_has_errors sda1 warning REBOOT_SYSTEM"},
      {"JBD2: Detected IO errors while flushing file data on dm-2-8",
       "journal_flush_error dm-2 critical HARDWARE_INSPECTION"},
      {"Aborting journal on device sda1-8.", "journal_aborted sda1 critical REBOOT_SYSTEM"},
      {"Aborting journal on device dm-2.", "journal_aborted dm-2 critical REBOOT_SYSTEM"},
      {"JBD2: Error -5 detected when updating journal superblock for nvme0n1p2-8.",
       "journal_superblock_error nvme0n1p2 critical HARDWARE_INSPECTION"},
      {"JBD2: I/O error when updating journal superblock for dm-0-8.",
       "journal_superblock_error dm-0 critical HARDWARE_INSPECTION"},
      {"JBD2: previous I/O error detected for journal superblock update for sda1-8.",
       "journal_superblock_error sda1 critical HARDWARE_INSPECTION"},
      {"XFS (sda1): Log I/O Error Detected. Shutting down filesystem",
       "xfs_shutdown sda1 fatal REBOOT_SYSTEM"},
      {"XFS (dm-0): Metadata I/O Error (0x4) detected at xfs_buf_ioend+0x1/0x2 [xfs] "
       "(fs/xfs/xfs_buf.c:1).  Shutting down filesystem.",
       "xfs_shutdown dm-0 fatal REBOOT_SYSTEM"},
      {"XFS (sda1): metadata I/O error in \"xfs_trans_read_buf_map\" at daddr 0x40 len 8 error 5",
       "xfs_metadata_io_error sda1 critical HARDWARE_INSPECTION"},
      {"XFS (sda1): Metadata corruption detected at xfs_agf_read_verify+0x1/0x2 [xfs], xfs_agf",
       "xfs_corruption sda1 critical REBOOT_SYSTEM"},
      {"XFS (sda1): Internal error XFS_WANT_CORRUPTED_GOTO at line 3505 of file fs/xfs/a.c.",
       "xfs_corruption sda1 critical REBOOT_SYSTEM"},
      {"BTRFS error (device sda1): bdev /dev/sda1 errs: wr 1, rd 3, flush 0, corrupt 0, gen 0",
       "btrfs_error sda1 critical HARDWARE_INSPECTION"},
      {"BTRFS: error (device dm-0 state EA) in btrfs_run_delayed_refs:2150: errno=-5 IO failure",
       "btrfs_error dm-0 critical REBOOT_SYSTEM"},
      {"BTRFS critical (device sda1): corrupt leaf: root=2 block=1",
       "btrfs_error sda1 critical REBOOT_SYSTEM"},
      {"BTRFS info (device sda1 state E): forced readonly",
       "filesystem_read_only sda1 fatal REBOOT_SYSTEM"},
      {"BTRFS warning (device sda1): csum failed root 5 ino 257 off 0 csum 0x1 expected csum 0x2",
       "btrfs_checksum_error sda1 warning HARDWARE_INSPECTION"},
      {"BTRFS warning (device sda1 state M): checksum verify failed on logical 9 mirror 1 wanted "
       "0x1",
       "btrfs_checksum_error sda1 warning HARDWARE_INSPECTION"},
      {"BTRFS warning (device sda1): lost page write due to IO error on /dev/sdb (-5)",
       "btrfs_error sda1 critical HARDWARE_INSPECTION"},
      {"WARNING: Pool 'tank' has encountered an uncorrectable I/O failure and has been suspended.",
       "zfs_pool_suspended tank fatal HARDWARE_INSPECTION"},
      {"zio pool=tank vdev=/dev/sdb1 error=5 type=1 offset=270336 size=8192 flags=b08c1",
       "zfs_io_error sdb1 critical HARDWARE_INSPECTION"},
      {"zio pool=tank vdev=/dev/disk/by-id/wwn-0x5000 error=5 type=2 offset=1 size=8192",
       "zfs_io_error /dev/disk/by-id/wwn-0x5000 critical HARDWARE_INSPECTION"},
      {"PANIC at zfs_znode.c:620:zfs_znode_alloc()", "zfs_panic - critical REBOOT_SYSTEM"},
      {"XFS (sda1): writeback error on sector 123",
       "writeback_error sda1 critical HARDWARE_INSPECTION"},
  });
  ExpectSilent(
      {"EXT4-fs (sdc1): warning: maximal mount count reached, running e2fsck is recommended",
       "EXT4-fs (sdc1): mounted filesystem 8c1f ro with ordered data mode. Quota mode: none.",
       "EXT4-fs (nvme0n1p2): re-mounted 2c1f r/w. Quota mode: none.",
       "EXT4-fs warning (device sda1): ext4_dx_add_entry:2516: Directory index full!",
       "XFS (nvme1n1): Please unmount the filesystem and rectify the problem(s)",
       "XFS (nvme1n1): User initiated shutdown received. Shutting down filesystem",
       "XFS (nvme1n1): Mounting V5 Filesystem", "XFS (nvme1n1): Ending clean mount",
       "BTRFS info (device sda1): bdev /dev/sda1 errs: wr 0, rd 0, flush 0, corrupt 9, gen 0",
       "BTRFS info (device sda1): using crc32c (crc32c-intel) checksum algorithm"});
}

TEST(DiskLines, KeepTheOriginalsNames) {
  const auto events = Match(kType, {"nvme nvme1: I/O 63 QID 5 timeout, reset controller",
                                    "nvme nvme0: Disabling device after reset failure: -19"});
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].name, "nvme_controller_timeout");
  EXPECT_EQ(events[0].extra_info.at("code"), "nvme_controller_reset");
  EXPECT_EQ(events[1].name, "nvme_device_disabled");
}

}  // namespace
}  // namespace gpud::disk
