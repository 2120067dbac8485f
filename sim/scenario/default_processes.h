// SPDX-License-Identifier: Apache-2.0
// The processes of a node: those of its workload (specs/diagnosis.md, 5.9), with those of the file
// added or in place of them.
#pragma once

#include <vector>

#include "scenario/document.h"

namespace gpud::scenario {

/// Sorted by pid.
std::vector<Process> ProcessesOf(const NodeSpec& node);

}  // namespace gpud::scenario
