// SPDX-License-Identifier: Apache-2.0
#include "components/cpu/cores.h"

#include <algorithm>

namespace gpud::cpu {
namespace {

constexpr double kBusyPercent = 50;

}  // namespace

std::optional<double> SharePercent(double part, double total) {
  if (!(total > 0)) return std::nullopt;
  return std::clamp(part / total, 0.0, 1.0) * 100;
}

CorePercents BusyPercents(const procfs::Stat& now, const procfs::Stat& before) {
  CorePercents percents;
  auto old = before.cores.begin();
  for (const procfs::CoreTimes& core : now.cores) {  // both lists are in ascending order
    while (old != before.cores.end() && old->cpu < core.cpu) ++old;
    if (old == before.cores.end() || old->cpu != core.cpu) continue;
    const auto percent = SharePercent(core.busy_seconds - old->busy_seconds,
                                      core.total_seconds - old->total_seconds);
    if (percent) percents.emplace_hint(percents.end(), core.cpu, *percent);
  }
  return percents;
}

void AddBusiestCore(const CorePercents& cores, Report& report) {
  const auto busiest = std::max_element(
      cores.begin(), cores.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (busiest == cores.end()) return;
  report.samples.push_back({.metric = "cpu_core_max_used_percent", .value = busiest->second});
}

void AddNodes(const CorePercents& cores, const sysfs::Numa& numa, Report& report) {
  if (numa.nodes.size() < 2) return;
  for (const sysfs::NumaNode& node : numa.nodes) {
    double sum = 0;
    int count = 0;
    for (const std::uint32_t cpu : node.cpus) {
      const auto core = cores.find(cpu);
      if (core == cores.end()) continue;
      sum += core->second;
      ++count;
    }
    if (count == 0) continue;
    report.samples.push_back({.metric = "cpu_numa_used_percent",
                              .labels = {{"node", std::to_string(node.id)}},
                              .value = sum / count});
  }
}

void AddClocks(const CorePercents& cores, const sysfs::Clocks& clocks, Report& report) {
  double busy_sum = 0, sum = 0;
  int busy = 0;
  for (const sysfs::ClockDomain& domain : clocks.domains) {
    const auto hertz = static_cast<double>(domain.hertz);
    sum += hertz;
    const auto core = cores.find(domain.first_cpu);
    if (core == cores.end() || core->second < kBusyPercent) continue;
    busy_sum += hertz;
    ++busy;
  }
  const double mean = busy > 0 ? busy_sum / busy : sum / static_cast<double>(clocks.domains.size());
  report.samples.push_back({.metric = "cpu_frequency_hertz", .value = mean});
  if (clocks.max_hertz > 0) {
    report.samples.push_back(
        {.metric = "cpu_frequency_max_hertz", .value = static_cast<double>(clocks.max_hertz)});
  }
}

void AddThrottling(const std::vector<sysfs::Throttling>& packages, Report& report) {
  for (const sysfs::Throttling& package : packages) {
    const Labels labels{{"package", std::to_string(package.package)}};
    report.samples.push_back({.metric = "cpu_package_throttles_total",
                              .labels = labels,
                              .value = static_cast<double>(package.package_events)});
    report.samples.push_back({.metric = "cpu_core_throttles_total",
                              .labels = labels,
                              .value = static_cast<double>(package.core_events)});
  }
}

}  // namespace gpud::cpu
