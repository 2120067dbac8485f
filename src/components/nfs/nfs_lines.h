// SPDX-License-Identifier: Apache-2.0
// Kernel lines of the NFS client: servers that do not answer, locks and writes that are lost.
#pragma once

#include "components/line_table.h"

namespace gpud::nfs {

/// Keeps a frame of a stack only when its function is the whole of `function`.
void KeepFrame(const LineFields& fields, std::string_view line, LineFinding& finding);

constexpr LineRule Frame(std::string_view form) {
  return {.needle = form,
          .form = form,
          .code = "writeback_hang",
          .action = Advice::kFollowRelatedEvent,
          .event = "nfs_writeback_hang",
          .refine = KeepFrame};
}
constexpr LineRule LockReclaim(std::string_view needle, std::string_view form) {
  return {.needle = needle,
          .form = form,
          .code = "lock_reclaim_failed",
          .action = Advice::kCheckUserApp,
          .event = "nfs_lock_reclaim_failed"};
}

constexpr LineRule StateManager(std::string_view form) {
  return {.needle = "NFS: state manager",
          .form = form,
          .code = "state_manager_error",
          .action = Advice::kCheckStorageNetwork};
}

inline constexpr LineRule kRules[] = {
    // net/sunrpc/clnt.c; the program's name stands in front
    {.needle = " not responding",
     .form = "lockd: server <device:w> not responding",
     .code = "lock_server_not_responding",
     .action = Advice::kCheckStorageNetwork},
    {.needle = " not responding",
     .form = "nfs: server <device:w> not responding",
     .code = "server_not_responding",
     .severity = EventType::kCritical,
     .action = Advice::kCheckStorageNetwork,
     .event = "nfs_server_not_responding"},
    {.needle = ": server ",
     .form = "lockd: server <device:w> OK",
     .code = "lock_server_ok",
     .severity = EventType::kInfo},
    {.needle = ": server ",
     .form = "nfs: server <device:w> OK",
     .code = "server_ok",
     .severity = EventType::kInfo,
     .event = "nfs_server_ok",
     .clears = true},
    // fs/nfs/inode.c
    {.needle = "NFS: server ",
     .form = "NFS: server <device:w> error: fileid changed",
     .code = "fileid_changed",
     .action = Advice::kCheckStorageNetwork},
    // fs/nfs/nfs4state.c
    StateManager(
        "NFS: state manager: <what:*> failed on NFSv4 server <device:w> with error <error:n>"),
    StateManager("NFS: state manager failed on NFSv4 server <device:w> with error <error:n>"),
    LockReclaim("Lock reclaim failed", "reclaim_open_state: Lock reclaim failed"),
    {.needle = "reclaim_open_state: unhandled error",
     .form = "reclaim_open_state: unhandled error <error:n>",
     .code = "state_reclaim_failed",
     .action = Advice::kCheckUserApp},
    // fs/nfs/write.c and its callers: functions in which a task hangs that waits for the server to
    // take its writes
    Frame("nfs_lock_and_join_requests+0x"),
    Frame("nfs_page_async_flush+0x"),
    Frame("nfs_writepages_callback+0x"),
    Frame("nfs_wb_all+0x"),
    Frame("nfs_wb_page+0x"),
    Frame("nfs_wb_folio+0x"),
};
inline constexpr auto kNeedles = NeedlesOf(kRules);

}  // namespace gpud::nfs
