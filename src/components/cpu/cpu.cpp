// SPDX-License-Identifier: Apache-2.0
// CPU: how busy the processors are, with what, and how much they are waited for.
#include <cmath>

#include "components/component.h"
#include "components/cpu/cores.h"
#include "components/cpu/cpu_lines.h"
#include "components/findings.h"
#include "components/pressure.h"
#include "model/json_codec.h"
#include "sources/procfs/loadavg.h"
#include "sources/procfs/stat.h"

namespace gpud::cpu {
namespace {

constexpr std::string_view kTags[] = {"cpu"};
constexpr const SourceType* kNeeds[] = {&procfs::kStat, &procfs::kLoadAverage, &procfs::kPressures,
                                        &sysfs::kNuma, &sysfs::kCpuSpeed};
constexpr MetricType kMetrics[] = {
    {"cpu_used_percent", "share of the processors' time in use since the check before"},
    {"cpu_core_max_used_percent", "the same of the busiest logical processor"},
    {"cpu_numa_used_percent", "the same of a NUMA node's processors, where there are several"},
    {"cpu_mode_percent", "share of the processors' time since the check before, by mode"},
    {"cpu_frequency_hertz", "mean clock of the processors that are busy, of all when none is"},
    {"cpu_frequency_max_hertz", "highest clock that the processor may run at"},
    {"cpu_package_throttles_total", "how often heat has slowed a package down since boot",
     MetricKind::kCounter},
    {"cpu_core_throttles_total", "how often heat has slowed single cores of a package down",
     MetricKind::kCounter},
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
  std::string pressure, frequency, throttling;  ///< why they are not measured here
  std::string governor, frequency_driver;
  std::map<std::string, std::string>
      flaws;  ///< of the processor, and what the kernel does about them
  static constexpr auto Fields() {
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"cores", &Data::cores},
                      Field{"usage", &Data::usage},
                      Field{"pressure", &Data::pressure, kOmit},
                      Field{"frequency", &Data::frequency, kOmit},
                      Field{"throttling", &Data::throttling, kOmit},
                      Field{"governor", &Data::governor, kOmit},
                      Field{"frequency_driver", &Data::frequency_driver, kOmit},
                      Field{"vulnerabilities", &Data::flaws, kOmit}};
  }
};

/// Two digits behind the point at most, as a person reads it.
std::string ShortText(double value) { return NumberText(std::round(value * 100) / 100); }

/// The processors' time by what they did; guests' time is within user and nice.
std::vector<std::pair<const char*, double>> Modes(const procfs::CpuTimes& t) {
  return {{"user", t.user - t.guest},
          {"nice", t.nice - t.guest_nice},
          {"system", t.system},
          {"idle", t.idle},
          {"iowait", t.iowait},
          {"irq", t.irq},
          {"softirq", t.softirq},
          {"steal", t.steal},
          {"guest", t.guest + t.guest_nice}};
}

void AddTimes(Report& report, const procfs::Stat& stat) {
  for (const auto& [mode, seconds] : Modes(stat.total)) {
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

void AddUsage(Report& report, Data& data, const procfs::Stat& now, const procfs::Stat& before) {
  const double total = now.total.Total() - before.total.Total();
  const auto used = SharePercent(now.total.Busy() - before.total.Busy(), total);
  if (!used) return;
  report.samples.push_back({.metric = "cpu_used_percent", .value = *used});
  data.usage.used_percent = ShortText(*used);
  const auto old = Modes(before.total);
  const auto modes = Modes(now.total);
  for (std::size_t i = 0; i < modes.size(); ++i) {
    const auto share = SharePercent(modes[i].second - old[i].second, total);
    if (!share) continue;
    report.samples.push_back(
        {.metric = "cpu_mode_percent", .labels = {{"mode", modes[i].first}}, .value = *share});
  }
}

/// What hangs on the hardware; what it does not have is named in `data`.
void AddHardware(const Inputs& in, const CorePercents& cores, Report& report, Data& data) {
  if (const auto& numa = in.Latest<sysfs::Numa>()) {
    AddNodes(cores, *numa, report);
  } else {
    AddUnreadable(report, "cpu/numa", numa);
  }
  const auto& speed = in.Latest<sysfs::CpuSpeed>();
  AddUnreadable(report, "cpu/speed", speed);
  if (!speed) return;
  AddUnreadable(report, "cpu/frequency", speed->clocks);
  if (speed->clocks) {
    AddClocks(cores, *speed->clocks, report);
    data.governor = speed->clocks->governor;
    data.frequency_driver = speed->clocks->driver;
  } else {
    data.frequency = speed->clocks.error().what;
  }
  AddUnreadable(report, "cpu/throttling", speed->throttling);
  if (speed->throttling) {
    AddThrottling(*speed->throttling, report);
  } else {
    data.throttling = speed->throttling.error().what;
  }
  data.flaws = speed->flaws;
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
  CorePercents cores;  // none at the first check: a rate needs two readings
  if (const procfs::Stat* before = in.Previous<procfs::Stat>()) {
    AddUsage(report, data, *stat, *before);
    cores = BusyPercents(*stat, *before);
    AddBusiestCore(cores, report);
  }
  AddTimes(report, *stat);
  AddHardware(in, cores, report, data);
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
