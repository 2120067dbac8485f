// SPDX-License-Identifier: Apache-2.0
// /proc/self/mountstats: how the NFS client and each of its servers get on.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sources/source.h"

namespace gpud::procfs {

/// Sums over all operations since the mount was made; a new mount begins at zero.
struct NfsMount {
  std::string mount_point, server;         ///< escapes undone; "filer:/export"
  std::uint64_t operations = 0;            ///< that were finished
  std::uint64_t transmissions = 0;         ///< sent to the server; more than operations: sent again
  std::uint64_t timeouts = 0;              ///< major time-outs
  std::uint64_t queue_milliseconds = 0;    ///< waiting in the client before being sent
  std::uint64_t rtt_milliseconds = 0;      ///< from sending to the server's answer
  std::uint64_t execute_milliseconds = 0;  ///< from beginning to end, queue and round trip included
  std::uint64_t read_bytes = 0, written_bytes = 0;  ///< from and to the server

  static constexpr auto Fields() {
    using M = NfsMount;
    return std::tuple{Field{"mount_point", &M::mount_point},
                      Field{"server", &M::server},
                      Field{"operations", &M::operations},
                      Field{"transmissions", &M::transmissions},
                      Field{"timeouts", &M::timeouts},
                      Field{"queue_milliseconds", &M::queue_milliseconds},
                      Field{"rtt_milliseconds", &M::rtt_milliseconds},
                      Field{"execute_milliseconds", &M::execute_milliseconds},
                      Field{"read_bytes", &M::read_bytes},
                      Field{"written_bytes", &M::written_bytes}};
  }
};

struct NfsMounts {
  std::vector<NfsMount> mounts;  ///< each mount point once

  static constexpr auto Fields() { return std::tuple{Field{"mounts", &NfsMounts::mounts}}; }
};

/// Columns that a kernel does not have stay zero; broken lines are left out.
/// Source: fs/nfs/super.c, nfs_show_stats; net/sunrpc/stats.c, rpc_clnt_show_stats.
NfsMounts ParseMountstats(std::string_view text);

/// The kernel's own counters: no server is asked, so it cannot hang. Errors in place of the
/// snapshot: as Root::Read; kUnsupported where no NFS is mounted.
extern const SourceType kNfsMounts;

}  // namespace gpud::procfs
