// SPDX-License-Identifier: Apache-2.0
#include "components/nvidia/fabric_manager/fabric_issues.h"

#include <algorithm>
#include <span>
#include <string_view>

namespace gpud::nvidia_fabric_manager {
namespace {

constexpr std::uint32_t kCompleted = 3;
constexpr std::string_view kStates[] = {"Not Supported", "Not Started", "In Progress", "Completed"};
constexpr std::string_view kSummaries[] = {"Not Supported", "Healthy", "Unhealthy",
                                           "Limited Capacity"};

/// Parts of the health mask, two bits each: 0 is "not supported", 1 true, 2 false
/// (NVML_GPU_FABRIC_HEALTH_MASK_SHIFT_*).
struct Part {
  unsigned shift;
  std::string_view field, issue;
  std::string_view if_true = "True", if_false = "False";
};
constexpr Part kParts[] = {
    {0, "bandwidth", "bandwidth degraded", "Degraded", "Full"},
    {2, "route_recovery_in_progress", "route recovery in progress"},
    {4, "route_unhealthy", "route unhealthy"},
    {6, "access_timeout_recovery", "access timeout recovery in progress"},
};

std::uint32_t ValueOf(const Part& part, std::uint32_t mask) { return mask >> part.shift & 3u; }

std::string WordOf(std::span<const std::string_view> words, std::uint32_t value) {
  if (value < words.size()) return std::string(words[value]);
  return "Unknown(" + std::to_string(value) + ")";
}

}  // namespace

bool IsCompleted(const nvml::Fabric& fabric) { return fabric.state == kCompleted; }

std::vector<std::string> IssuesOf(const nvml::Fabric& fabric) {
  constexpr std::uint32_t kUnhealthy = 2, kLimited = 3;
  std::vector<std::string> issues;
  if (!IsCompleted(fabric)) {
    issues.push_back("state=" + WordOf(kStates, fabric.state));
  } else if (fabric.status != 0) {
    issues.push_back("status=" + std::to_string(fabric.status));
  }
  const std::uint32_t summary = fabric.health_summary.value_or(0);
  if (summary == kUnhealthy || summary == kLimited) {
    issues.push_back("summary=" + WordOf(kSummaries, summary));
  }
  for (const Part& part : kParts) {
    if (ValueOf(part, fabric.health_mask.value_or(0)) == 1) issues.emplace_back(part.issue);
  }
  std::sort(issues.begin(), issues.end());
  return issues;
}

Json Describe(std::string_view uuid, const nvml::Fabric& fabric) {
  Json::Object row{{"gpu_uuid", Json{std::string(uuid)}},
                   {"clique_id", Json{std::uint64_t{fabric.clique_id}}},
                   {"cluster_uuid", Json{fabric.cluster_uuid}},
                   {"state", Json{WordOf(kStates, fabric.state)}},
                   {"status", Json{std::uint64_t{fabric.status}}}};
  row.emplace_back("summary", Json{WordOf(kSummaries, fabric.health_summary.value_or(0))});
  Json::Object health;
  for (const Part& part : kParts) {
    const std::string_view words[] = {"Not Supported", part.if_true, part.if_false};
    const std::uint32_t value = ValueOf(part, fabric.health_mask.value_or(0));
    health.emplace_back(part.field, Json{WordOf(words, value)});
  }
  row.emplace_back("health", Json{std::move(health)});
  return {std::move(row)};
}

}  // namespace gpud::nvidia_fabric_manager
