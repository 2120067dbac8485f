// SPDX-License-Identifier: Apache-2.0
#include "components/findings.h"

#include <algorithm>

namespace gpud {
namespace {

int Strength(RepairAction action) {
  switch (action) {
    case RepairAction::kIgnore:
      return 0;
    case RepairAction::kCheckUserApp:
      return 1;
    case RepairAction::kReboot:
      return 2;
    case RepairAction::kInspectHardware:
      return 3;
  }
  return 0;
}

}  // namespace

bool IsStronger(RepairAction a, RepairAction b) { return Strength(a) > Strength(b); }

void Findings::Add(Health health, std::string reason, std::optional<RepairAction> action) {
  findings_.push_back({health, std::move(reason), action, {}});
}

void Findings::Add(Health health, std::string reason, Advice advice) {
  if (advice == Advice::kNone) return Add(health, std::move(reason));
  findings_.push_back({health, std::move(reason), ToRepairAction(advice), OperatorText(advice)});
}

HealthState Findings::ToState(std::string_view name, std::string_view healthy_reason) const {
  HealthState state{.name = std::string(name), .reason = std::string(healthy_reason)};
  if (findings_.empty()) return state;
  auto sorted = findings_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Finding& a, const Finding& b) { return IsWorse(a.health, b.health); });
  state.health = sorted.front().health;
  state.reason.clear();
  std::optional<RepairAction> strongest;
  std::string_view advice;
  for (const Finding& finding : sorted) {
    if (!state.reason.empty()) state.reason += ", ";
    state.reason += finding.reason;
    if (finding.action && (!strongest || IsStronger(*finding.action, *strongest))) {
      strongest = finding.action;
      advice = finding.advice;
    }
  }
  if (strongest) {
    state.suggested_actions =
        SuggestedActions{.description = std::string(advice), .repair_actions = {*strongest}};
  }
  return state;
}

bool AbsentByDesign(const Error& error) {
  return error.code == ErrorCode::kNotFound || error.code == ErrorCode::kUnsupported;
}

}  // namespace gpud
