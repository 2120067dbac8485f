// SPDX-License-Identifier: Apache-2.0
// Control groups: what containers and batch jobs use of what they may use. Measured, not judged: a
// limit that is reached is its owner's to know, and kills are told by memory.
#include "components/component.h"
#include "components/findings.h"
#include "components/presence.h"
#include "sources/sysfs/cgroups.h"

namespace gpud::cgroup {
namespace {

using sysfs::Cgroup;
using sysfs::Cgroups;

constexpr std::string_view kTags[] = {"container", "cgroup"};
constexpr const SourceType* kNeeds[] = {&sysfs::kCgroups};
constexpr auto kCounter = MetricKind::kCounter;

constexpr std::string_view kPressure = "cgroup_pressure_percent";
constexpr std::string_view kThrottledPercent = "cgroup_cpu_throttled_percent";
constexpr std::string_view kLeftOut = "cgroup_left_out";

struct Real {
  MetricType metric;
  std::optional<double> Cgroup::*member;
};
constexpr Real kReals[] = {
    {{"cgroup_cpu_seconds_total", "CPU time of a container or job", kCounter},
     &Cgroup::cpu_seconds},
    {{"cgroup_cpu_limit_cores", "CPU time that it may use in a second"}, &Cgroup::cpu_limit_cores},
    {{"cgroup_cpu_throttled_seconds_total", "time its tasks were held back by the limit", kCounter},
     &Cgroup::throttled_seconds},
};
struct Whole {
  MetricType metric;
  std::optional<std::uint64_t> Cgroup::*member;
};
constexpr Whole kWholes[] = {
    {{"cgroup_memory_used_bytes", "memory, without inactive file cache"}, &Cgroup::memory_bytes},
    {{"cgroup_memory_limit_bytes", "memory that it may use"}, &Cgroup::memory_limit_bytes},
    {{"cgroup_oom_kills_total", "processes killed for want of memory", kCounter},
     &Cgroup::oom_kills},
    {{"cgroup_read_bytes_total", "read from block devices", kCounter}, &Cgroup::read_bytes},
    {{"cgroup_written_bytes_total", "written to block devices", kCounter}, &Cgroup::written_bytes},
};

constexpr auto MakeMetrics() {
  std::array<MetricType, std::size(kReals) + std::size(kWholes) + 3> metrics{};
  std::size_t at = 0;
  for (const Real& row : kReals) metrics[at++] = row.metric;
  for (const Whole& row : kWholes) metrics[at++] = row.metric;
  metrics[at++] = {kThrottledPercent, "share of the periods in which its CPU limit was used up"};
  metrics[at++] = {kPressure, "share of the last 10 s in which a task waited for a resource"};
  metrics[at++] = {kLeftOut, "containers and jobs beyond the 64 with the most memory"};
  return metrics;
}
constexpr auto kMetrics = MakeMetrics();

Labels LabelsOf(const Cgroup& group) {
  constexpr std::size_t kShortId = 12;  // as docker ps has it
  const std::string name =
      group.container.empty() ? "job_" + group.slurm_job : group.container.substr(0, kShortId);
  Labels labels{{"cgroup", name}};
  if (!group.pod_uid.empty()) labels["pod_uid"] = group.pod_uid;
  if (!group.slurm_job.empty()) labels["slurm_job"] = group.slurm_job;
  return labels;
}

/// Of the periods between two checks.
std::optional<double> ThrottledPercent(const Cgroup* before, const Cgroup& now) {
  if (!before || !before->periods || !before->throttled || !now.periods || !now.throttled ||
      *now.periods <= *before->periods || *now.throttled < *before->throttled) {
    return std::nullopt;
  }
  return 100.0 * static_cast<double>(*now.throttled - *before->throttled) /
         static_cast<double>(*now.periods - *before->periods);
}

void AddSamples(const Cgroup& group, const Cgroup* before, Report& report) {
  const Labels labels = LabelsOf(group);
  const auto add = [&](std::string_view metric, double value, Labels with) {
    report.samples.push_back(
        {.metric = std::string(metric), .labels = std::move(with), .value = value});
  };
  for (const Real& row : kReals) {
    if (const auto& value = group.*row.member) add(row.metric.name, *value, labels);
  }
  for (const Whole& row : kWholes) {
    const auto& value = group.*row.member;
    if (value) add(row.metric.name, static_cast<double>(*value), labels);
  }
  if (const auto percent = ThrottledPercent(before, group)) {
    add(kThrottledPercent, *percent, labels);
  }
  constexpr std::pair<const char*, std::optional<double> Cgroup::*> kPressures[] = {
      {"cpu", &Cgroup::cpu_pressure},
      {"memory", &Cgroup::memory_pressure},
      {"io", &Cgroup::io_pressure}};
  for (const auto& [resource, member] : kPressures) {
    if (!(group.*member)) continue;
    Labels with = labels;
    with["resource"] = resource;
    add(kPressure, *(group.*member), std::move(with));
  }
}

Report Check(const Inputs& in) {
  const auto& groups = in.Latest<Cgroups>();
  if (!groups) return WithoutReading("cgroup", groups.error());
  const auto* const before = in.Previous<Cgroups>();
  Report report{.states = {{.name = "cgroup", .reason = "measured, not judged"}}};
  for (const Cgroup& group : groups->groups) {
    AddSamples(group, before ? before->Find(group.path) : nullptr, report);
  }
  report.samples.push_back(
      {.metric = std::string(kLeftOut), .value = static_cast<double>(groups->left_out)});
  return report;
}

}  // namespace

extern constinit const ComponentType kType{
    .name = "cgroup",
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .period = std::chrono::seconds(15),
    .supported = [](const Inputs& in) { return SupportBy(in.Latest<Cgroups>()); },
    .check = Check,
};

}  // namespace gpud::cgroup
