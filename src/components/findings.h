// SPDX-License-Identifier: Apache-2.0
// Findings: what a check found wrong, put together into one health state.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/advice.h"
#include "model/report.h"

namespace gpud {

/// True when an action asks for more than the other: inspect hardware, reboot, check the program,
/// ignore.
bool IsStronger(RepairAction a, RepairAction b);

/// The worst finding gives the health, the strongest action of all is suggested (a reboot must not
/// hide that one of them asks for inspection), and all reasons are told, the worst first.
class Findings {
 public:
  void Add(Health health, std::string reason, std::optional<RepairAction> action = {});
  /// With advice, which has a text for the operator where the wire's word is too coarse.
  void Add(Health health, std::string reason, Advice advice);
  /// Healthy with `healthy_reason` when nothing was found.
  HealthState ToState(std::string_view name, std::string_view healthy_reason = "ok") const;

 private:
  struct Finding {
    Health health;
    std::string reason;
    std::optional<RepairAction> action;
    std::string_view advice;
  };
  std::vector<Finding> findings_;
};

/// True when the reading is not to be had on this machine at all, which is no fault.
bool AbsentByDesign(const Error& error);

/// For a reading beside the main one: adds a state `name`, Unknown, when it failed; nothing when it
/// is good or absent by design.
template <class T>
void AddUnreadable(Report& report, std::string_view name, const Result<T>& reading) {
  if (reading || AbsentByDesign(reading.error())) return;
  report.states.push_back(Unreadable(name, reading.error()).states.front());
}

}  // namespace gpud
