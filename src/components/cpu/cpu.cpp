// SPDX-License-Identifier: Apache-2.0
// CPU: how busy the processors are, with what, and how much they are waited for.
#include <algorithm>
#include <cmath>

#include "components/component.h"
#include "components/cpu/cpu_lines.h"
#include "components/pressure.h"
#include "model/json_codec.h"
#include "sources/procfs/loadavg.h"
#include "sources/procfs/stat.h"

namespace gpud::cpu {
namespace {

constexpr std::string_view kTags[] = {"cpu"};
constexpr const SourceType* kNeeds[] = {&procfs::kStat, &procfs::kLoadAverage, &procfs::kPressures};
constexpr MetricType kMetrics[] = {
    {"cpu_used_percent", "share of the processors' time in use since the check before"},
    {"cpu_core_max_used_percent", "the same of the busiest logical processor"},
    {"cpu_load_average", "tasks that run, want to run or wait uninterruptibly, by load_duration"},
    {"cpu_seconds_total", "time of all processors since boot, by mode", MetricKind::kCounter},
    {"cpu_context_switches_total", "context switches since boot", MetricKind::kCounter},
    {"cpu_running_tasks", "tasks on a run queue"},
    {"cpu_blocked_tasks", "tasks that wait for block I/O"},
    {"cpu_pressure_percent", "share of the last 10 s in which tasks waited for a processor"},
    {"cpu_pressure_seconds_total", "time in which tasks waited for a processor",
     MetricKind::kCounter},
};

/// The original's extra_info: numbers as texts.
struct Cores {
  std::string logical;
  static constexpr auto Fields() { return std::tuple{Field{"logical", &Cores::logical}}; }
};
struct Usage {
  std::string used_percent, load_avg_1min, load_avg_5min, load_avg_15min;
  static constexpr auto Fields() {
    return std::tuple{Field{"used_percent", &Usage::used_percent, When::kNonEmpty},
                      Field{"load_avg_1min", &Usage::load_avg_1min, When::kNonEmpty},
                      Field{"load_avg_5min", &Usage::load_avg_5min, When::kNonEmpty},
                      Field{"load_avg_15min", &Usage::load_avg_15min, When::kNonEmpty}};
  }
};
struct Data {
  Cores cores;
  Usage usage;
  std::string pressure;  ///< why it is not measured here
  static constexpr auto Fields() {
    return std::tuple{Field{"cores", &Data::cores}, Field{"usage", &Data::usage},
                      Field{"pressure", &Data::pressure, When::kNonEmpty}};
  }
};

/// Two digits behind the point at most, as a person reads it.
std::string ShortText(double value) { return NumberText(std::round(value * 100) / 100); }

/// Nothing when no time has passed, or the counters ran backwards (a processor went offline).
std::optional<double> BusyPercent(double busy, double total) {
  if (!(total > 0)) return std::nullopt;
  return std::clamp(busy / total, 0.0, 1.0) * 100;
}

std::optional<double> BusiestCorePercent(const procfs::Stat& now, const procfs::Stat& before) {
  std::optional<double> most;
  auto old = before.cores.begin();
  for (const procfs::CoreTimes& core : now.cores) {  // both lists are in ascending order
    while (old != before.cores.end() && old->cpu < core.cpu) ++old;
    if (old == before.cores.end() || old->cpu != core.cpu) continue;
    const auto percent =
        BusyPercent(core.busy_seconds - old->busy_seconds, core.total_seconds - old->total_seconds);
    if (percent && (!most || *percent > *most)) most = percent;
  }
  return most;
}

void AddTimes(Report& report, const procfs::Stat& stat) {
  const procfs::CpuTimes& t = stat.total;
  const std::pair<const char*, double> modes[] = {{"user", t.user - t.guest},
                                                  {"nice", t.nice - t.guest_nice},
                                                  {"system", t.system},
                                                  {"idle", t.idle},
                                                  {"iowait", t.iowait},
                                                  {"irq", t.irq},
                                                  {"softirq", t.softirq},
                                                  {"steal", t.steal},
                                                  {"guest", t.guest + t.guest_nice}};
  for (const auto& [mode, seconds] : modes) {
    report.samples.push_back(
        {.metric = "cpu_seconds_total", .labels = {{"mode", mode}}, .value = seconds});
  }
  report.samples.push_back({.metric = "cpu_context_switches_total",
                            .value = static_cast<double>(stat.context_switches)});
  report.samples.push_back(
      {.metric = "cpu_running_tasks", .value = static_cast<double>(stat.running)});
  report.samples.push_back(
      {.metric = "cpu_blocked_tasks", .value = static_cast<double>(stat.blocked_on_io)});
}

void AddUsage(Report& report, Data& data, const procfs::Stat& now, const procfs::Stat* before) {
  if (!before) return;  // the first check: a rate needs two readings
  const auto used = BusyPercent(now.total.Busy() - before->total.Busy(),
                                now.total.Total() - before->total.Total());
  if (used) {
    report.samples.push_back({.metric = "cpu_used_percent", .value = *used});
    data.usage.used_percent = ShortText(*used);
  }
  if (const auto most = BusiestCorePercent(now, *before)) {
    report.samples.push_back({.metric = "cpu_core_max_used_percent", .value = *most});
  }
}

void AddLoad(Report& report, Data& data, const procfs::LoadAverage& load) {
  const std::tuple<const char*, double, std::string*> rows[] = {
      {"1m0s", load.one_minute, &data.usage.load_avg_1min},
      {"5m0s", load.five_minutes, &data.usage.load_avg_5min},
      {"15m0s", load.fifteen_minutes, &data.usage.load_avg_15min}};
  for (const auto& [duration, value, text] : rows) {
    report.samples.push_back(
        {.metric = "cpu_load_average", .labels = {{"load_duration", duration}}, .value = value});
    *text = ShortText(value);
  }
}

Report Check(const Inputs& in) {
  const auto& stat = in.Latest<procfs::Stat>();
  if (!stat) return Unreadable("cpu", stat.error());
  Report report;
  report.states.push_back(FaultState(in, "cpu", "ok", FaultName));
  Data data{.cores = {std::to_string(stat->cores.size())}};
  AddUsage(report, data, *stat, in.Previous<procfs::Stat>());
  AddTimes(report, *stat);
  const auto& load = in.Latest<procfs::LoadAverage>();
  if (load) {
    AddLoad(report, data, *load);
  } else {
    report.states.push_back(Unreadable("cpu/load", load.error()).states.front());
  }
  AddPressure(report, in, "cpu", &procfs::Pressures::cpu);
  if (const auto& psi = in.Latest<procfs::Pressures>(); !psi) data.pressure = psi.error().what;
  report.states.front().extra_info["data"] = ToJson(data);
  return report;
}

}  // namespace

extern constinit const ComponentType kType{
    .name = "cpu",
    .tags = kTags,
    .needs = kNeeds,
    .needles = kNeedles,
    .metrics = kMetrics,
    .period = std::chrono::seconds(5),
    .clearable = true,
    .check = Check,
    .create_matcher = []() -> std::unique_ptr<LineMatcher> {
      return std::make_unique<CpuMatcher>();
    },
};

}  // namespace gpud::cpu
