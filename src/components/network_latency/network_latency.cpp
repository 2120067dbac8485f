// SPDX-License-Identifier: Apache-2.0
// Network latency: are the addresses that the site has named in reach, and how far away?
#include <algorithm>

#include "components/component.h"
#include "components/findings.h"
#include "components/presence.h"
#include "platform/json.h"
#include "sources/reach/reach.h"

namespace gpud::network_latency {
namespace {

using reach::Asked;
using reach::Reach;

constexpr std::string_view kTags[] = {"network", "network-latency"};
constexpr const SourceType* kNeeds[] = {&reach::kReach};
constexpr MetricType kMetrics[] = {
    {"network_latency_edge_in_milliseconds", "time to the answer of a target"},
    {"network_latency_reachable", "1 when a target answers"},
};

const Asked* Find(const Reach* reach, const std::string& name) {
  if (!reach) return nullptr;
  const auto found = std::find_if(reach->asked.begin(), reach->asked.end(),
                                  [&](const Asked& asked) { return asked.name == name; });
  return found == reach->asked.end() ? nullptr : &*found;
}

/// One lost packet is no finding: what counts was so at the check before, too.
void Judge(const Asked& now, const Asked* before, double slow, Findings& findings) {
  if (!before) return;
  if (!now.milliseconds && !before->milliseconds) {
    findings.Add(Health::kDegraded, now.name + " is not in reach: " + now.milliseconds.error().what,
                 Advice::kInvestigateLink);
  }
  if (now.milliseconds && before->milliseconds && *now.milliseconds > slow &&
      *before->milliseconds > slow) {
    findings.Add(Health::kDegraded, now.name + " is slow to answer", Advice::kInvestigateLink);
  }
}

Json Describe(const Asked& asked) {
  Json::Object object{{"provider", {std::string("gpud")}},
                      {"region_name", {asked.name}},
                      {"address", {asked.address}}};
  if (asked.milliseconds) {
    constexpr double kMilliPerMicro = 1000;
    const auto rounded = static_cast<std::int64_t>(*asked.milliseconds * kMilliPerMicro);
    object.emplace_back("latency_milliseconds",
                        Json{static_cast<double>(rounded) / kMilliPerMicro});
  } else {
    object.emplace_back("error", Json{asked.milliseconds.error().what});
  }
  return {std::move(object)};
}

Report Check(const Inputs& in) {
  const auto& reach = in.Latest<Reach>();
  if (!reach) return WithoutReading("network-latency", reach.error());
  const auto* const previous = in.Previous<Reach>();
  Report report;
  Findings findings;
  Json::Array latencies;
  for (const Asked& asked : reach->asked) {
    Judge(asked, Find(previous, asked.name), reach->slow_milliseconds, findings);
    report.samples.push_back({.metric = "network_latency_reachable",
                              .labels = {{"region", asked.name}},
                              .value = asked.milliseconds ? 1.0 : 0.0});
    if (asked.milliseconds && asked.name != "gateway") {
      report.samples.push_back({.metric = "network_latency_edge_in_milliseconds",
                                .labels = {{"region", asked.name}},
                                .value = *asked.milliseconds});
    }
    latencies.push_back(Describe(asked));
  }
  report.states.push_back(findings.ToState("network-latency"));
  report.states.front().extra_info["data"] =
      JsonText({Json::Object{{"egress_latencies", {std::move(latencies)}}}});
  return report;
}

}  // namespace

extern constinit const ComponentType kType{
    .name = "network-latency",
    .tags = kTags,
    .needs = kNeeds,
    .metrics = kMetrics,
    .supported = [](const Inputs& in) { return SupportBy(in.Latest<Reach>()); },
    .check = Check,
};

}  // namespace gpud::network_latency
