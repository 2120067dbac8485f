// SPDX-License-Identifier: Apache-2.0
// ComponentStatus: what the daemon knows of one component now; the server, the exporters and the
// CLI all show it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "model/health.h"
#include "model/metric.h"

namespace gpud {

struct ComponentStatus {
  std::string name;
  std::vector<std::string> tags;
  bool supported = true;
  std::string unsupported_reason;   ///< why not, for a person
  bool clearable = false;           ///< set-healthy is possible
  bool deregisterable = false;      ///< plugins
  bool on_demand = false;           ///< checked only when it is asked to be
  std::vector<HealthState> states;  ///< of the last check; one Initializing before the first
  WallTime since{};                 ///< when the worst of the states became what it is
  std::vector<Sample> samples;      ///< of the last check
  std::span<const MetricType> metrics;

  Health health() const { return Worst(states); }
};

/// One line of "what is gpud itself not able to do": a stuck source, lost records, a full disk.
struct SelfFinding {
  std::string what;  ///< "lane mounts: statvfs has not answered for 12 s (killed 3 times)"
  WallTime since{};
  bool serious = true;  ///< false: worth knowing, nothing to do

  static constexpr auto Fields() {
    using F = SelfFinding;
    return std::tuple{Field{"what", &F::what}, Field{"since", &F::since},
                      Field{"serious", &F::serious}};
  }
};

}  // namespace gpud
