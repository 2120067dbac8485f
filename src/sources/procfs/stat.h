// SPDX-License-Identifier: Apache-2.0
// /proc/stat: where the processors' time went, and counts of the scheduler.
#pragma once

#include <string_view>
#include <vector>

#include "sources/source.h"

namespace gpud::procfs {

/// Seconds since boot spent in each state, summed over the processors that the line is about.
/// `user` and `nice` contain `guest` and `guest_nice`, as the kernel counts them.
struct CpuTimes {
  double user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0,
         guest = 0, guest_nice = 0;

  double Total() const { return user + nice + system + idle + iowait + irq + softirq + steal; }
  double Busy() const { return Total() - idle - iowait; }

  bool operator==(const CpuTimes&) const = default;
  static constexpr auto Fields() {
    using T = CpuTimes;
    return std::tuple{Field{"user", &T::user},       Field{"nice", &T::nice},
                      Field{"system", &T::system},   Field{"idle", &T::idle},
                      Field{"iowait", &T::iowait},   Field{"irq", &T::irq},
                      Field{"softirq", &T::softirq}, Field{"steal", &T::steal},
                      Field{"guest", &T::guest},     Field{"guest_nice", &T::guest_nice}};
  }
};

/// One logical processor; two snapshots give its share of busy time.
struct CoreTimes {
  std::uint32_t cpu = 0;
  double busy_seconds = 0, total_seconds = 0;

  bool operator==(const CoreTimes&) const = default;
  static constexpr auto Fields() {
    using C = CoreTimes;
    return std::tuple{Field{"cpu", &C::cpu}, Field{"busy_seconds", &C::busy_seconds},
                      Field{"total_seconds", &C::total_seconds}};
  }
};

struct Stat {
  CpuTimes total;
  std::vector<CoreTimes> cores;        ///< the processors that are online
  std::uint64_t context_switches = 0;  ///< since boot
  std::uint64_t forks = 0;             ///< processes and threads made since boot
  std::int64_t boot_time_seconds = 0;  ///< unix time; moves when the wall clock is stepped
  std::uint64_t running = 0;           ///< tasks on a run queue
  std::uint64_t blocked_on_io = 0;     ///< tasks that wait for block I/O

  static constexpr auto Fields() {
    using S = Stat;
    return std::tuple{Field{"total", &S::total},
                      Field{"cores", &S::cores},
                      Field{"context_switches", &S::context_switches},
                      Field{"forks", &S::forks},
                      Field{"boot_time_seconds", &S::boot_time_seconds},
                      Field{"running", &S::running},
                      Field{"blocked_on_io", &S::blocked_on_io}};
  }
};

/// Error: kParse when there is no line of all processors or no boot time.
/// Source: proc_stat(5).
Result<Stat> ParseStat(std::string_view text);

extern const SourceType kStat;

}  // namespace gpud::procfs
