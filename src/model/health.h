// SPDX-License-Identifier: Apache-2.0
// HealthState: how a component is now, and what to do about it. Wire format: docs/api.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/fields.h"
#include "platform/clock.h"

namespace gpud {

enum class Health : unsigned char {
  kHealthy,
  kDegraded,
  kUnhealthy,
  kInitializing,  ///< never checked yet
  kUnknown,       ///< could not be read; the state has the error and the age of the last reading
};
template <>
struct EnumWords<Health> {
  static constexpr std::string_view kWords[] = {"Healthy", "Degraded", "Unhealthy", "Initializing",
                                                "Unknown"};
};

enum class RepairAction : unsigned char {
  kIgnore,
  kReboot,
  kInspectHardware,
  kCheckUserApp,
};
template <>
struct EnumWords<RepairAction> {
  static constexpr std::string_view kWords[] = {"IGNORE_NO_ACTION_REQUIRED", "REBOOT_SYSTEM",
                                                "HARDWARE_INSPECTION", "CHECK_USER_APP_AND_GPU"};
};

struct SuggestedActions {
  std::string description;  ///< for a person; the full advice where the four words are too few
  std::vector<RepairAction> repair_actions;  ///< the first is the one that consumers act on

  bool operator==(const SuggestedActions&) const = default;
  static constexpr auto Fields() {
    return std::tuple{Field{"description", &SuggestedActions::description},
                      Field{"repair_actions", &SuggestedActions::repair_actions}};
  }
};

struct HealthState {
  WallTime time{};             ///< of the check; set by the frame
  std::string component;       ///< set by the frame
  std::string component_type;  ///< "custom-plugin" or empty
  std::string name;            ///< of this state; usually the component's
  std::string run_mode;        ///< plugins: "auto" or "manual"
  std::optional<Health> health = Health::kHealthy;
  std::string reason;
  std::string error;  ///< what could not be read; text of Error
  std::optional<SuggestedActions> suggested_actions;
  std::map<std::string, std::string> extra_info;  ///< "data" -> a JSON document as text
  std::string raw_output;                         ///< plugins
  /// Age of the last good reading in seconds; only with kUnknown. An addition to the original's
  /// format, as is the word Unknown.
  std::optional<std::int64_t> age_seconds;

  bool operator==(const HealthState&) const = default;
  static constexpr auto Fields() {
    using S = HealthState;
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"time", &S::time},
                      Field{"component", &S::component, kOmit},
                      Field{"component_type", &S::component_type, kOmit},
                      Field{"name", &S::name, kOmit},
                      Field{"run_mode", &S::run_mode, kOmit},
                      Field{"health", &S::health, kOmit},
                      Field{"reason", &S::reason, kOmit},
                      Field{"error", &S::error, kOmit},
                      Field{"suggested_actions", &S::suggested_actions, kOmit},
                      Field{"extra_info", &S::extra_info, kOmit},
                      Field{"raw_output", &S::raw_output, kOmit},
                      Field{"age_seconds", &S::age_seconds, kOmit}};
  }
};

/// The worst of some states decides: Unhealthy, Degraded, Unknown, Initializing, Healthy.
Health Worst(const std::vector<HealthState>& states);
/// True when `a` is worse than `b` in that order.
bool IsWorse(Health a, Health b);
/// True when `a` speaks more against placing new work here than `b`: as IsWorse, but what cannot be
/// judged (Unknown, then Initializing) weighs more than what is known to limp.
bool SpeaksMoreAgainstWork(Health a, Health b);

}  // namespace gpud
