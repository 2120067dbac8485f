// SPDX-License-Identifier: Apache-2.0
// HealthAnswer: may work be placed here? The one question of a scheduler or a load balancer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/status.h"

namespace gpud::server {

struct NextStep {
  std::string tenant;     ///< for whom the node works
  std::string operators;  ///< for whom the node is theirs to mend

  static constexpr auto Fields() {
    return std::tuple{Field{"tenant", &NextStep::tenant}, Field{"operator", &NextStep::operators}};
  }
};

/// A component that is not Healthy.
struct HealthProblem {
  std::string name;
  Health health = Health::kHealthy;
  std::string reason, error;
  WallTime since{};

  static constexpr auto Fields() {
    using P = HealthProblem;
    return std::tuple{Field{"name", &P::name}, Field{"health", &P::health},
                      Field{"reason", &P::reason}, Field{"error", &P::error, When::kNonEmpty},
                      Field{"since", &P::since}};
  }
};

struct HealthAnswer {
  Health health = Health::kInitializing;
  bool ok = false;   ///< 200, else 503
  std::string name;  ///< the component, or this machine's host name
  WallTime since{};
  std::string reason;
  NextStep next_step;
  /// Age of the oldest reading that the answer rests on; absent while there is none.
  std::optional<std::int64_t> evidence_age_seconds;
  std::vector<HealthProblem> components;
  std::string simulated;  ///< the scenario, when the machine is simulated

  static constexpr auto Fields() {
    using A = HealthAnswer;
    return std::tuple{Field{"health", &A::health},
                      Field{"ok", &A::ok},
                      Field{"name", &A::name},
                      Field{"since", &A::since},
                      Field{"reason", &A::reason},
                      Field{"next_step", &A::next_step},
                      Field{"evidence_age_seconds", &A::evidence_age_seconds},
                      Field{"components", &A::components},
                      Field{"simulated", &A::simulated, When::kNonEmpty}};
  }
};

/// Judges the supported ones of `components` together. The word is the one that decides: Unhealthy,
/// then Unknown, then Initializing, then Degraded. What cannot be judged gets no work, so only
/// Healthy and Degraded are ok; with nothing to judge it is Initializing.
HealthAnswer AnswerHealth(const std::vector<const ComponentStatus*>& components, std::string name,
                          WallTime now);

}  // namespace gpud::server
