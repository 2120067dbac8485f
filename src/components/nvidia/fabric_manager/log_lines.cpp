// SPDX-License-Identifier: Apache-2.0
#include "components/nvidia/fabric_manager/log_lines.h"

#include <algorithm>

#include "platform/text.h"
#include "sources/nvidia/software.h"

namespace gpud::nvidia_fabric_manager {
namespace {

using nvidia::FabricManagerLine;

struct LogRule {
  std::string_view words, event;
  EventType severity;
  Advice action;
};
constexpr std::string_view kNothing = "NV_WARN_NOTHING_TO_DO";
constexpr LogRule kRules[] = {
    {"detected NVSwitch fatal error", "fabricmanager_nvswitch_fatal_error", EventType::kCritical,
     Advice::kResetFabric},
    {"detected NVSwitch non-fatal error", "fabricmanager_nvswitch_non_fatal_error",
     EventType::kWarning, Advice::kIgnore},
    {"in the multicast team", "fabricmanager_nvswitch_nvlink_failure", EventType::kWarning,
     Advice::kInvestigateLink},
    {"match with any supported system topology", "fabricmanager_nvswitch_topology_mismatch",
     EventType::kWarning, Advice::kCheckFabricConfiguration},
    {kNothing, "fabricmanager_nvswitch_nothing_to_do", EventType::kInfo, Advice::kIgnore},
};

bool IsKnown(const Inputs& in, const FabricManagerLine& line) {
  return std::any_of(in.OwnEvents().begin(), in.OwnEvents().end(), [&](const Event& event) {
    return event.time == line.time && event.message == line.text;
  });
}

const nvidia::Software* SoftwareOf(const Inputs& in) {
  const auto& software = in.Latest<nvidia::Software>();
  return software ? &*software : nullptr;
}

}  // namespace

void TellLines(nvidia::GpuReport& report) {
  constexpr std::chrono::hours kDay{24};
  const Inputs& in = report.in();
  const auto* software = SoftwareOf(in);
  if (!software) return;
  for (const FabricManagerLine& line : software->fabric_manager) {
    const auto rule = std::find_if(std::begin(kRules), std::end(kRules), [&](const LogRule& one) {
      return line.text.find(one.words) != std::string::npos;
    });
    const bool old = line.time <= in.ClearedUntil() || in.Now() - line.time > kDay;
    if (rule == std::end(kRules) || old || IsKnown(in, line)) continue;
    Event event = ToEvent({.event = rule->event,
                           .code = std::string(rule->event),
                           .severity = rule->severity,
                           .action = rule->action,
                           .message = line.text});
    event.time = line.time;
    report.Add(std::move(event));
  }
}

bool HasNothingToDo(const Inputs& in) {
  const auto* software = SoftwareOf(in);
  return software && !software->fabric_manager.empty() &&
         software->fabric_manager.back().text.find(kNothing) != std::string::npos;
}

}  // namespace gpud::nvidia_fabric_manager
