// SPDX-License-Identifier: Apache-2.0
// What `gpud simulate` found in a scenario, as one line of JSON.
#pragma once

#include <string>

#include "diagnosis/simulation/judge.h"

namespace gpud::cli {

std::string SimulationJson(const std::string& file, const diagnosis::Replayed& replayed,
                           const diagnosis::Judgement& judgement);

}  // namespace gpud::cli
