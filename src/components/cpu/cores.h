// SPDX-License-Identifier: Apache-2.0
// What single cores tell between two readings of /proc/stat: the busiest, each NUMA node's load,
// and the clock of those that work.
#pragma once

#include <map>
#include <optional>

#include "model/report.h"
#include "sources/procfs/stat.h"
#include "sources/sysfs/cpu_speed.h"
#include "sources/sysfs/numa.h"

namespace gpud::cpu {

/// Busy share by core, in percent, of those that are in both readings.
using CorePercents = std::map<std::uint32_t, double>;
CorePercents BusyPercents(const procfs::Stat& now, const procfs::Stat& before);

/// Nothing when no time has passed, or the counters ran backwards (a processor went offline).
std::optional<double> SharePercent(double part, double total);

void AddBusiestCore(const CorePercents& cores, Report& report);
/// Of each node that has processors; nothing on a machine with one.
void AddNodes(const CorePercents& cores, const sysfs::Numa& numa, Report& report);
/// The mean clock over the cores that are busy, over all when none is.
void AddClocks(const CorePercents& cores, const sysfs::Clocks& clocks, Report& report);
void AddThrottling(const std::vector<sysfs::Throttling>& packages, Report& report);

}  // namespace gpud::cpu
