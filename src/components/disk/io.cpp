// SPDX-License-Identifier: Apache-2.0
#include "components/disk/io.h"

#include <algorithm>

#include "sources/procfs/diskstats.h"

namespace gpud::disk {
namespace {

constexpr double kMillisecondsPerSecond = 1000;

bool IsMeasured(const procfs::DiskIo& disk, const sysfs::BlockDevices& devices) {
  for (const std::string_view prefix : {"loop", "ram", "zram", "sr", "fd"}) {
    if (disk.name.starts_with(prefix)) return false;
  }
  const sysfs::BlockDevice* device = devices.Find(disk.name);
  return device && device->type != "part";
}

class Adder {
 public:
  Adder(const procfs::DiskIo& disk, Report& report)
      : labels_{{"device", disk.name}}, report_(report) {}
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

void AddTotals(const procfs::DiskIo& disk, const Adder& add) {
  add("disk_read_bytes_total", disk.read_bytes);
  add("disk_written_bytes_total", disk.written_bytes);
  add("disk_reads_total", disk.reads);
  add("disk_writes_total", disk.writes);
  add("disk_read_seconds_total", disk.read_milliseconds, kMillisecondsPerSecond);
  add("disk_write_seconds_total", disk.write_milliseconds, kMillisecondsPerSecond);
  add("disk_busy_seconds_total", disk.busy_milliseconds, kMillisecondsPerSecond);
  add("disk_weighted_seconds_total", disk.weighted_milliseconds, kMillisecondsPerSecond);
  add("disk_in_flight", disk.in_flight);
}

/// Nothing for counters that ran backwards: the disk was pulled and put in again.
std::optional<double> Grown(std::uint64_t now, std::uint64_t before) {
  if (now < before) return std::nullopt;
  return static_cast<double>(now - before);
}

void AddRates(const procfs::DiskIo& now, const procfs::DiskIo& before, double seconds,
              const Adder& add) {
  const auto reads = Grown(now.reads, before.reads);
  const auto writes = Grown(now.writes, before.writes);
  const auto read_time = Grown(now.read_milliseconds, before.read_milliseconds);
  const auto write_time = Grown(now.write_milliseconds, before.write_milliseconds);
  const auto busy = Grown(now.busy_milliseconds, before.busy_milliseconds);
  const auto weighted = Grown(now.weighted_milliseconds, before.weighted_milliseconds);
  if (!reads || !writes || !read_time || !write_time || !busy || !weighted) return;
  if (*reads > 0) add("disk_read_latency_seconds", *read_time / kMillisecondsPerSecond / *reads);
  if (*writes > 0) {
    add("disk_write_latency_seconds", *write_time / kMillisecondsPerSecond / *writes);
  }
  add("disk_busy_percent", std::min(100.0, 100 * *busy / kMillisecondsPerSecond / seconds));
  add("disk_queue_requests", *weighted / kMillisecondsPerSecond / seconds);
}

}  // namespace

void AddIo(const Inputs& in, const sysfs::BlockDevices& devices, Report& report) {
  const auto& now = in.Latest<procfs::Diskstats>();
  if (!now) return;
  const procfs::Diskstats* before = in.Previous<procfs::Diskstats>();
  const double seconds = std::chrono::duration<double>(in.Elapsed<procfs::Diskstats>()).count();
  for (const procfs::DiskIo& disk : now->disks) {
    if (!IsMeasured(disk, devices)) continue;
    const Adder add(disk, report);
    AddTotals(disk, add);
    if (!before || !(seconds > 0)) continue;
    const auto old =
        std::find_if(before->disks.begin(), before->disks.end(), [&](const procfs::DiskIo& known) {
          return known.name == disk.name && known.device == disk.device;
        });
    if (old != before->disks.end()) AddRates(disk, *old, seconds, add);
  }
}

}  // namespace gpud::disk
