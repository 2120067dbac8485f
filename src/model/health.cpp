// SPDX-License-Identifier: Apache-2.0
#include "model/health.h"

namespace gpud {
namespace {

int Rank(Health health) {
  switch (health) {
    case Health::kHealthy:
      return 0;
    case Health::kInitializing:
      return 1;
    case Health::kUnknown:
      return 2;
    case Health::kDegraded:
      return 3;
    case Health::kUnhealthy:
      return 4;
  }
  return 4;
}

}  // namespace

bool IsWorse(Health a, Health b) { return Rank(a) > Rank(b); }

bool SpeaksMoreAgainstWork(Health a, Health b) {
  // Degraded moves down, to between Healthy and Initializing.
  const auto weight = [](Health health) {
    return health == Health::kDegraded ? 1 : 2 * Rank(health);
  };
  return weight(a) > weight(b);
}

Health Worst(const std::vector<HealthState>& states) {
  Health worst = Health::kHealthy;
  for (const HealthState& state : states) {
    if (state.health && IsWorse(*state.health, worst)) worst = *state.health;
  }
  return worst;
}

}  // namespace gpud
