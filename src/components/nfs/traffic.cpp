// SPDX-License-Identifier: Apache-2.0
#include "components/nfs/traffic.h"

#include <algorithm>

#include "components/findings.h"
#include "sources/procfs/mountstats.h"

namespace gpud::nfs {
namespace {

constexpr double kMillisecondsPerSecond = 1000;

std::uint64_t SentAgain(const procfs::NfsMount& mount) {
  return mount.transmissions - std::min(mount.transmissions, mount.operations);
}

class Adder {
 public:
  Adder(const procfs::NfsMount& mount, Report& report)
      : labels_{{"mount_point", mount.mount_point}, {"server", mount.server}}, report_(report) {}
  void operator()(const char* metric, double value) const {
    report_.samples.push_back({.metric = metric, .labels = labels_, .value = value});
  }
  void operator()(const char* metric, std::uint64_t value, double per_unit = 1) const {
    (*this)(metric, static_cast<double>(value) / per_unit);
  }

 private:
  Labels labels_;
  Report& report_;
};

void AddTotals(const procfs::NfsMount& mount, const Adder& add) {
  add("nfs_operations_total", mount.operations);
  add("nfs_retransmissions_total", SentAgain(mount));
  add("nfs_timeouts_total", mount.timeouts);
  add("nfs_queue_seconds_total", mount.queue_milliseconds, kMillisecondsPerSecond);
  add("nfs_rtt_seconds_total", mount.rtt_milliseconds, kMillisecondsPerSecond);
  add("nfs_execute_seconds_total", mount.execute_milliseconds, kMillisecondsPerSecond);
  add("nfs_read_bytes_total", mount.read_bytes);
  add("nfs_written_bytes_total", mount.written_bytes);
}

/// The same mount's earlier counters; nothing when it was made anew in between.
const procfs::NfsMount* Earlier(const procfs::NfsMount& mount, const procfs::NfsMounts* before) {
  if (!before) return nullptr;
  const auto found =
      std::find_if(before->mounts.begin(), before->mounts.end(), [&](const procfs::NfsMount& old) {
        return old.mount_point == mount.mount_point && old.server == mount.server &&
               old.operations <= mount.operations &&
               old.rtt_milliseconds <= mount.rtt_milliseconds &&
               old.execute_milliseconds <= mount.execute_milliseconds;
      });
  return found == before->mounts.end() ? nullptr : &*found;
}

void AddRates(const procfs::NfsMount& now, const procfs::NfsMount& before, double seconds,
              const Adder& add) {
  const auto finished = static_cast<double>(now.operations - before.operations);
  const std::uint64_t again = SentAgain(now) - std::min(SentAgain(now), SentAgain(before));
  add("nfs_operations_per_second", finished / seconds);
  add("nfs_retransmissions_per_second", static_cast<double>(again) / seconds);
  if (!(finished > 0)) return;  // no operation, no mean
  const auto mean = [&](std::uint64_t milliseconds) {
    return static_cast<double>(milliseconds) / kMillisecondsPerSecond / finished;
  };
  add("nfs_rtt_seconds", mean(now.rtt_milliseconds - before.rtt_milliseconds));
  add("nfs_execute_seconds", mean(now.execute_milliseconds - before.execute_milliseconds));
}

}  // namespace

void AddTraffic(const Inputs& in, Report& report) {
  const auto& now = in.Latest<procfs::NfsMounts>();
  AddUnreadable(report, "nfs/mountstats", now);
  if (!now) return;
  const double seconds = std::chrono::duration<double>(in.Elapsed<procfs::NfsMounts>()).count();
  for (const procfs::NfsMount& mount : now->mounts) {
    const Adder add(mount, report);
    AddTotals(mount, add);
    const procfs::NfsMount* before = Earlier(mount, in.Previous<procfs::NfsMounts>());
    if (before && seconds > 0) AddRates(mount, *before, seconds, add);
  }
}

}  // namespace gpud::nfs
