// SPDX-License-Identifier: Apache-2.0
// Kernel lines of file systems on disks.
#pragma once

#include "components/disk/block_rules.h"

namespace gpud::disk {

void TrimJournal(const LineFields& fields, std::string_view line, LineFinding& finding);

/// A file system that has stopped or is wrong: it is checked when it is mounted anew.
constexpr LineRule FileSystem(std::string_view needle, std::string_view form, std::string_view code,
                              EventType severity) {
  return {.needle = needle,
          .form = form,
          .code = code,
          .severity = severity,
          .action = Advice::kRebootSystem,
          .follow_up = Advice::kHardwareInspection};
}
constexpr LineRule JournalSuperblock(std::string_view needle, std::string_view form) {
  return Hardware(needle, form, "journal_superblock_error", kCritical, TrimJournal);
}
constexpr LineRule None(std::string_view needle, std::string_view form) {
  return {.needle = needle, .form = form, .code = ""};
}

inline constexpr LineRule kFileSystemRules[] = {
    // fs/ext4, fs/ext2
    FileSystem("-fs error (device ", "EXT<n>-fs error (device <device:dev>)", "ext4_error",
               kCritical),
    Hardware("EXT4-fs warning (device ",
             "EXT4-fs warning (device <device:dev>): ext4_end_bio:<*> I/O error <error:n> writing",
             "ext4_write_error", kCritical),
    Hardware("I/O error while writing superblock",
             "-fs (<device:dev>): I/O error while writing superblock", "superblock_write_error",
             kCritical),
    Hardware("I/O error while writing superblock", "I/O error while writing superblock",
             "superblock_write_error", kCritical),
    Hardware("previous I/O error to superblock",
             "-fs (<device:dev>): previous I/O error to superblock", "superblock_write_error",
             kCritical),
    FileSystem("Remounting filesystem read-only", "(<device:dev>): Remounting filesystem read-only",
               "filesystem_read_only", kFatal),
    FileSystem("Remounting filesystem read-only", "Remounting filesystem read-only",
               "filesystem_read_only", kFatal),
    Hardware("Delayed block allocation failed",
             "EXT4-fs (<device:dev>): Delayed block allocation failed for inode <inode:n>",
             "ext4_delayed_allocation_failed", kCritical),
    Hardware("potential data loss", "EXT4-fs (<device:dev>): <*>potential data loss",
             "ext4_write_error", kCritical),
    FileSystem("group descriptors corrupted", "EXT4-fs (<device:dev>): group descriptors corrupted",
               "ext4_error", kCritical),
    FileSystem("mounting fs with errors",
               "-fs warning (device <device:dev>): mounting fs with errors", "ext4_has_errors",
               kWarning),
    FileSystem("error recorded from previous mount",
               "-fs warning (device <device:dev>): <*>error recorded from previous mount",
               "ext4_has_errors", kWarning),
    FileSystem("mounting fs with errors",
               "EXT4-fs (<device:dev>): warning: mounting fs with errors", "ext4_has_errors",
               kWarning),
    FileSystem("error count since last fsck",
               "EXT4-fs (<device:dev>): error count since last fsck: <errors:n>", "ext4_has_errors",
               kWarning),
    // fs/jbd2
    {.needle = "Detected IO errors while flushing file data on ",
     .form = "Detected IO errors while flushing file data on <device:dev>",
     .code = "journal_flush_error",
     .severity = EventType::kCritical,
     .action = Advice::kHardwareInspection,
     .refine = TrimJournal},
    JournalSuperblock("when updating journal superblock for ",
                      "rror <*>when updating journal superblock for <device:dev>"),
    JournalSuperblock("detected for journal superblock update for ",
                      "I/O error detected for journal superblock update for <device:dev>"),
    {.needle = "Aborting journal on device ",
     .form = "Aborting journal on device <device:dev>",
     .code = "journal_aborted",
     .severity = EventType::kCritical,
     .action = Advice::kRebootSystem,
     .follow_up = Advice::kHardwareInspection,
     .refine = TrimJournal},
    Hardware("JBD2: ", "JBD2: IO error <error:n> recovering block", "journal_recovery_error",
             kCritical),
    // fs/xfs; somebody's own shutdown is no fault
    None("XFS (", "XFS (<device:dev>): User initiated shutdown"),
    FileSystem("XFS (", "XFS (<device:dev>): <*>Shutting down filesystem", "xfs_shutdown", kFatal),
    FileSystem("XFS (", "XFS (<device:dev>): Filesystem has been shut down due to ", "xfs_shutdown",
               kFatal),
    Hardware("XFS (", "XFS (<device:dev>): metadata I/O error", "xfs_metadata_io_error", kCritical),
    Hardware("XFS (", "XFS (<device:dev>): Failing async write", "xfs_metadata_io_error",
             kCritical),
    Hardware("XFS (", "XFS (<device:dev>): log I/O error", "xfs_log_io_error", kCritical),
    FileSystem("XFS (", "XFS (<device:dev>): Metadata corruption detected", "xfs_corruption",
               kCritical),
    FileSystem("XFS (", "XFS (<device:dev>): Metadata CRC error detected", "xfs_corruption",
               kCritical),
    FileSystem("XFS (", "XFS (<device:dev>): Corruption detected", "xfs_corruption", kCritical),
    FileSystem("XFS (", "XFS (<device:dev>): Corruption warning: ", "xfs_corruption", kCritical),
    FileSystem("XFS (", "XFS (<device:dev>): Internal error ", "xfs_corruption", kCritical),
    FileSystem("XFS (", "XFS (<device:dev>): log mount/recovery failed", "xfs_mount_failed",
               kCritical),
    FileSystem("XFS (", "XFS (<device:dev>): log mount failed", "xfs_mount_failed", kCritical),
    Hardware(": writeback error on ", "XFS (<device:dev>): writeback error on ", "writeback_error",
             kCritical),
    Hardware(": writeback error on ", "<device:dev>: writeback error on inode", "writeback_error",
             kCritical),
    // fs/btrfs; the device may be followed by its state: "(device sda1 state EA)"
    FileSystem("BTRFS", "BTRFS <*>(device <device:dev><*>): forced readonly",
               "filesystem_read_only", kFatal),
    Hardware("BTRFS", "BTRFS error (device <device:dev><*>): bdev <disk:w> errs: ", "btrfs_error",
             kCritical),
    FileSystem("BTRFS", "BTRFS error (device <device:dev>", "btrfs_error", kCritical),
    FileSystem("BTRFS", "BTRFS: error (device <device:dev>", "btrfs_error", kCritical),
    FileSystem("BTRFS", "BTRFS critical (device <device:dev>", "btrfs_error", kCritical),
    FileSystem("BTRFS", "BTRFS: critical (device <device:dev>", "btrfs_error", kCritical),
    Hardware("BTRFS", "BTRFS warning (device <device:dev><*>): csum failed", "btrfs_checksum_error",
             kWarning),
    Hardware("BTRFS", "BTRFS warning (device <device:dev><*>): checksum error",
             "btrfs_checksum_error", kWarning),
    Hardware("BTRFS", "BTRFS warning (device <device:dev><*>): <*>checksum verify failed",
             "btrfs_checksum_error", kWarning),
    Hardware("BTRFS", "BTRFS warning (device <device:dev><*>): lost page write due to ",
             "btrfs_error", kCritical),
    // openzfs, module/zfs/spa_misc.c, vdev_disk.c, spl-err.c
    Hardware(
        "uncorrectable I/O failure and has been suspended",
        "Pool '<device:*>' has encountered an uncorrectable I/O failure and has been suspended",
        "zfs_pool_suspended", kFatal),
    Hardware("zio pool=", "zio pool=<pool:w> vdev=/dev/<device:dev> error=<error:n>",
             "zfs_io_error", kCritical),
    Hardware("zio pool=", "zio pool=<pool:w> vdev=<device:w> error=<error:n>", "zfs_io_error",
             kCritical),
    FileSystem("PANIC at ", "PANIC at <place:w>", "zfs_panic", kCritical),
};

}  // namespace gpud::disk
