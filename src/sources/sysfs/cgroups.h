// SPDX-License-Identifier: Apache-2.0
// Control groups of containers and batch jobs: what they use, what they may use, and how often they
// were held back or killed for it. Version 1 and 2 of the interface.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sources/source.h"

namespace gpud::sysfs {

/// Counters since the group was made. Nothing where the controller is off, or the kernel does not
/// tell it.
struct Cgroup {
  std::string path;       ///< below the hierarchy: "/docker/6f1a..."
  std::string container;  ///< id; empty for a batch job
  std::string pod_uid;    ///< of Kubernetes
  std::string slurm_job;  ///< number
  std::optional<double> cpu_seconds;
  std::optional<double> cpu_limit_cores;            ///< nothing: no limit
  std::optional<std::uint64_t> periods, throttled;  ///< of the CPU limit, all and used up
  std::optional<double> throttled_seconds;          ///< summed over the processors
  std::optional<std::uint64_t> memory_bytes;        ///< without inactive pages of the file cache
  std::optional<std::uint64_t> memory_limit_bytes;  ///< nothing: no limit
  std::optional<std::uint64_t> oom_kills;
  std::optional<std::uint64_t> read_bytes, written_bytes;  ///< by block devices
  /// Share of the last 10 s in which a task waited, in percent; version 2 only.
  std::optional<double> cpu_pressure, memory_pressure, io_pressure;

  static constexpr auto Fields() {
    using C = Cgroup;
    return std::tuple{Field{"path", &C::path},
                      Field{"container", &C::container},
                      Field{"pod_uid", &C::pod_uid},
                      Field{"slurm_job", &C::slurm_job},
                      Field{"cpu_seconds", &C::cpu_seconds},
                      Field{"cpu_limit_cores", &C::cpu_limit_cores},
                      Field{"periods", &C::periods},
                      Field{"throttled", &C::throttled},
                      Field{"throttled_seconds", &C::throttled_seconds},
                      Field{"memory_bytes", &C::memory_bytes},
                      Field{"memory_limit_bytes", &C::memory_limit_bytes},
                      Field{"oom_kills", &C::oom_kills},
                      Field{"read_bytes", &C::read_bytes},
                      Field{"written_bytes", &C::written_bytes},
                      Field{"cpu_pressure", &C::cpu_pressure},
                      Field{"memory_pressure", &C::memory_pressure},
                      Field{"io_pressure", &C::io_pressure}};
  }
};

inline constexpr std::size_t kMostCgroups = 64;

struct Cgroups {
  int version = 2;             ///< of the interface
  std::vector<Cgroup> groups;  ///< those with the most memory, 64 at most, sorted by path
  std::uint64_t left_out = 0;  ///< beyond these

  /// Null when it is not there.
  const Cgroup* Find(std::string_view path) const;
  static constexpr auto Fields() {
    return std::tuple{Field{"version", &Cgroups::version}, Field{"groups", &Cgroups::groups},
                      Field{"left_out", &Cgroups::left_out}};
  }
};

/// Error in place of the snapshot: kUnsupported without such groups. Sources:
/// Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/.
extern const SourceType kCgroups;

}  // namespace gpud::sysfs
