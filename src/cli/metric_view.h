// SPDX-License-Identifier: Apache-2.0
// Metrics as the command line shows them: a line a series.
#pragma once

#include <string>
#include <vector>

#include "cli/terminal.h"
#include "store/store.h"

namespace gpud::cli {

/// "COMPONENT METRIC LABELS LAST MIN MAX SAMPLES", a line for each series, in the order of the
/// first sample.
std::string MetricText(const std::vector<store::ComponentMetrics>& components,
                       const Terminal& terminal);

}  // namespace gpud::cli
