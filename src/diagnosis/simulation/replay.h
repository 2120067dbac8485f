// SPDX-License-Identifier: Apache-2.0
// Replay: a scenario through signals, rules and verdicts, in virtual time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "components/component.h"
#include "model/verdict.h"
#include "scenario/document.h"

namespace gpud::diagnosis {

struct ReplayedIncident {
  Verdict verdict;
  double opened_s = 0;   ///< when this root was told
  double closed_s = -1;  ///< negative: open at the end
};

struct Replayed {
  std::vector<ReplayedIncident> incidents;  ///< in the order of telling
  std::vector<ReplayedIncident> notes;      ///< possible, below 0.5: no alerts
};

Replayed Replay(const scenario::Scenario& scenario,
                std::span<const ComponentType* const> components, std::string_view language);

}  // namespace gpud::diagnosis
