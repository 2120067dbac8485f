// SPDX-License-Identifier: Apache-2.0
// Systemd: do the services that a GPU node needs run, or do they fail again and again?
#include <algorithm>

#include "components/component.h"
#include "components/findings.h"
#include "components/presence.h"
#include "model/json_codec.h"
#include "sources/systemd/units.h"

namespace gpud::systemd {
namespace {

constexpr std::string_view kTags[] = {"systemd"};
constexpr const SourceType* kNeeds[] = {&kUnits};
constexpr MetricType kMetrics[] = {
    {"systemd_unit_active", "1 while a watched unit runs"},
    {"systemd_unit_restarts_total", "times systemd has restarted a watched unit",
     MetricKind::kCounter},
    {"systemd_units_failed", "units of all kinds that have failed"},
};

// A person or a package that starts it anew takes less.
constexpr std::chrono::seconds kFailedForLong{60};
// Between two checks; a service that is restarted every ten seconds gets there.
constexpr std::uint64_t kManyRestarts = 3;

void JudgeUnit(const Inputs& in, const Unit& unit, const Unit* before, Findings& findings) {
  if (!unit.IsEnabled()) return;
  const std::string why =
      unit.result.empty() || unit.result == "success" ? std::string() : " (" + unit.result + ")";
  if (unit.active == "failed") {
    if (in.Now() - unit.changed < kFailedForLong) return;
    findings.Add(Health::kDegraded, unit.name + " has failed" + why, Advice::kInvestigateSoftware);
    return;
  }
  if (!before) return;
  const bool waits = unit.sub == "auto-restart" && before->sub == "auto-restart";
  const bool many = unit.restarts && before->restarts && *unit.restarts >= *before->restarts &&
                    *unit.restarts - *before->restarts >= kManyRestarts;
  if (waits || many) {
    findings.Add(Health::kDegraded, unit.name + " fails again and again" + why,
                 Advice::kInvestigateSoftware);
  }
}

Report Check(const Inputs& in) {
  const auto& units = in.Latest<Units>();
  if (!units) return WithoutReading("systemd", units.error());
  const auto* const before = in.Previous<Units>();
  Report report;
  Findings findings;
  for (const Unit& unit : units->watched) {
    JudgeUnit(in, unit, before ? before->Find(unit.name) : nullptr, findings);
    report.samples.push_back({.metric = "systemd_unit_active",
                              .labels = {{"unit", unit.name}},
                              .value = unit.active == "active" ? 1.0 : 0.0});
    if (!unit.restarts) continue;
    report.samples.push_back({.metric = "systemd_unit_restarts_total",
                              .labels = {{"unit", unit.name}},
                              .value = static_cast<double>(*unit.restarts)});
  }
  report.samples.push_back(
      {.metric = "systemd_units_failed", .value = static_cast<double>(units->failed_count)});
  report.states.push_back(findings.ToState("systemd", "no service of a GPU node has failed"));
  report.states.front().extra_info["data"] = ToJson(*units);
  return report;
}

}  // namespace

extern constinit const ComponentType kType{
    .name = "systemd",
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .supported = [](const Inputs& in) { return SupportBy(in.Latest<Units>()); },
    .check = Check,
};

}  // namespace gpud::systemd
