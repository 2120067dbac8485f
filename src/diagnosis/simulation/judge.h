// SPDX-License-Identifier: Apache-2.0
// Judge: was the right thing told, of the right part, in time, and nothing else
// (specs/diagnosis.md, 5.7 and section 6)?
#pragma once

#include <string>
#include <vector>

#include "diagnosis/simulation/replay.h"

namespace gpud::diagnosis {

struct Judgement {
  std::vector<std::string> missing;    ///< what was expected, and what is wrong with what was told
  std::vector<std::string> forbidden;  ///< what should not have been told

  bool ok() const { return missing.empty() && forbidden.empty(); }
};

Judgement Judge(const scenario::Scenario& scenario, const std::vector<ReplayedIncident>& incidents);

}  // namespace gpud::diagnosis
