// SPDX-License-Identifier: Apache-2.0
// HealthView: what scan and status show of components: what is wrong first, then a line an area,
// then what could not be checked; and the exit codes that scripts use.
#pragma once

#include <string>
#include <vector>

#include "cli/terminal.h"
#include "model/event.h"
#include "model/machine_info.h"
#include "model/status.h"
#include "platform/json.h"

namespace gpud::cli {

inline constexpr int kExitNoDaemon = 3;

/// 0 healthy, 1 unhealthy, 2 degraded, 4 cannot tell.
int ExitCodeOf(Health health);

/// How many components are in which condition.
struct HealthSummary {
  Health health = Health::kHealthy;  ///< the worst of the supported; Unknown when there is none
  int healthy = 0, degraded = 0, unhealthy = 0, unknown = 0, initializing = 0, unsupported = 0;

  static constexpr auto Fields() {
    using S = HealthSummary;
    return std::tuple{Field{"health", &S::health},          Field{"healthy", &S::healthy},
                      Field{"degraded", &S::degraded},      Field{"unhealthy", &S::unhealthy},
                      Field{"unknown", &S::unknown},        Field{"initializing", &S::initializing},
                      Field{"unsupported", &S::unsupported}};
  }
};
HealthSummary Summarise(const std::vector<ComponentStatus>& components);
/// "4 healthy, 1 unhealthy, 12 do not apply here".
std::string SummaryText(const HealthSummary& summary);

/// One component in `scan --output json`. `reason`, `error` and the actions are of its worst state.
struct ComponentView {
  std::string name;
  std::optional<Health> health;  ///< null when not supported
  std::string reason, error;
  WallTime since{};                         ///< null when not known
  std::optional<std::int64_t> age_seconds;  ///< of the reading that the judgement rests on
  bool supported = true;
  std::string unsupported_reason;
  std::optional<SuggestedActions> suggested_actions;

  static constexpr auto Fields() {
    using V = ComponentView;
    return std::tuple{Field{"name", &V::name},
                      Field{"health", &V::health},
                      Field{"reason", &V::reason},
                      Field{"error", &V::error},
                      Field{"since", &V::since},
                      Field{"age_seconds", &V::age_seconds},
                      Field{"supported", &V::supported},
                      Field{"unsupported_reason", &V::unsupported_reason},
                      Field{"suggested_actions", &V::suggested_actions, When::kNonEmpty}};
  }
};
ComponentView ViewOf(const ComponentStatus& component, WallTime now);

/// All that scan and status know.
struct HealthPicture {
  std::vector<ComponentStatus> components;
  std::vector<Event> events;  ///< newest first
  std::vector<SelfFinding> findings;
  WallTime now{};
};

/// What is wrong, the worst first: since when, why, what to do. Empty when nothing is.
std::string TroubleText(const HealthPicture& picture, const Terminal& terminal);
/// A line for each supported component.
std::string AreaText(const HealthPicture& picture, const Terminal& terminal);
/// What could not be read and what gpud itself cannot do; with `verbose` also what does not apply
/// to this machine, and why. Empty when there is nothing to say.
std::string NotCheckedText(const HealthPicture& picture, bool verbose, const Terminal& terminal);
/// "node-17: Debian GNU/Linux 12, Linux 6.1.0-18, 2 CPUs, 7.7 GiB".
std::string MachineLine(const MachineInfo& machine);

Colour ColourOf(Health health);
/// Reason and error in one text.
std::string ReasonOf(const HealthState& state);

}  // namespace gpud::cli
