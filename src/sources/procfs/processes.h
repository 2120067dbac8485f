// SPDX-License-Identifier: Apache-2.0
// /proc/PID/stat of all processes in one pass: how many there are in which state, and which of them
// are stuck or dead but not reaped.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sources/source.h"

namespace gpud::procfs {

/// What the pass takes from /proc/PID/stat. Times are in ticks of 1/100 s.
struct ProcessStat {
  std::uint32_t pid = 0, parent = 0;
  std::string_view name;          ///< into the parsed text; at most 15 bytes, any byte may occur
  char state = '?';               ///< R S D Z T t I X
  std::uint64_t cpu_ticks = 0;    ///< user and system time used so far
  std::uint64_t start_ticks = 0;  ///< since boot; with the pid this names a process for good
};

/// Dead, but its parent has not asked for its end.
struct Zombie {
  std::uint32_t pid = 0, parent = 0;
  std::string name;

  bool operator==(const Zombie&) const = default;
  static constexpr auto Fields() {
    return std::tuple{Field{"pid", &Zombie::pid}, Field{"parent", &Zombie::parent},
                      Field{"name", &Zombie::name}};
  }
};

/// In uninterruptible sleep (D).
struct BlockedProcess {
  std::uint32_t pid = 0;
  std::string name;
  std::uint64_t start_ticks = 0;
  std::uint64_t cpu_ticks = 0;
  /// Context switches so far: equal in two readings means one and the same sleep. Nothing where
  /// /proc/PID/status cannot be read.
  std::optional<std::uint64_t> switches;
  std::string wait_channel;  ///< the kernel function that it sleeps in; empty where not told

  bool operator==(const BlockedProcess&) const = default;
  static constexpr auto Fields() {
    using B = BlockedProcess;
    return std::tuple{Field{"pid", &B::pid},
                      Field{"name", &B::name},
                      Field{"start_ticks", &B::start_ticks},
                      Field{"cpu_ticks", &B::cpu_ticks},
                      Field{"switches", &B::switches},
                      Field{"wait_channel", &B::wait_channel}};
  }
};

/// A daemon of NVIDIA's: Fabric Manager, IMEX, MPS.
struct NvidiaDaemon {
  std::uint32_t pid = 0;
  std::string name;  ///< at most 15 bytes: "nv-fabricmanage", "nvidia-imex", "nvidia-cuda-mps"

  bool operator==(const NvidiaDaemon&) const = default;
  static constexpr auto Fields() {
    return std::tuple{Field{"pid", &NvidiaDaemon::pid}, Field{"name", &NvidiaDaemon::name}};
  }
};

struct Processes {
  std::uint64_t total = 0;
  std::uint64_t running = 0, sleeping = 0, blocked = 0, zombie = 0, stopped = 0, idle = 0;
  std::vector<Zombie> zombies;                    ///< the first 64
  std::vector<BlockedProcess> blocked_processes;  ///< the first 256
  std::vector<NvidiaDaemon> nvidia_daemons;       ///< the first 64

  static constexpr auto Fields() {
    using P = Processes;
    return std::tuple{Field{"total", &P::total},
                      Field{"running", &P::running},
                      Field{"sleeping", &P::sleeping},
                      Field{"blocked", &P::blocked},
                      Field{"zombie", &P::zombie},
                      Field{"stopped", &P::stopped},
                      Field{"idle", &P::idle},
                      Field{"zombies", &P::zombies},
                      Field{"blocked_processes", &P::blocked_processes},
                      Field{"nvidia_daemons", &P::nvidia_daemons}};
  }
};

/// Error: kParse. Source: proc_pid_stat(5).
Result<ProcessStat> ParseProcessStat(std::string_view text);

/// Error in place of the snapshot: /proc cannot be listed, or shows no process at all. A process
/// that ends during the pass is no error.
extern const SourceType kProcesses;

}  // namespace gpud::procfs
