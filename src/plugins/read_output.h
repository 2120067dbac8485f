// SPDX-License-Identifier: Apache-2.0
// From a script's output to what it says: JSON by the parser's rules, Nagios' and node-problem-
// detector's lines, OpenMetrics.
#pragma once

#include <string_view>

#include "plugins/output.h"
#include "plugins/result.h"

namespace gpud::plugins {

/// The parser's rules over the first JSON object of `from_brace`.
Reading ReadJson(const Parser& parser, std::string_view from_brace);

/// Appends to the parser's log file (nothing without one). Error: what went wrong, in the words of
/// the original.
Result<void> AppendLog(const Parser& parser, std::string_view plugin, std::string_view trigger,
                       WallTime now, std::string_view output);

/// "TEXT | LABEL=VALUE[UOM];..." (Monitoring Plugins Development Guidelines): the first line is the
/// summary, perfdata of all lines are samples `perfdata` with the labels `label` and `unit`.
Reading ReadNagios(std::string_view output);
/// The first line, as node-problem-detector shows it.
Reading ReadNpd(std::string_view output);
/// Metrics in the Prometheus or OpenMetrics text format; 1,000 at most. A line that is none is a
/// parse error.
Reading ReadOpenMetrics(std::string_view output);

}  // namespace gpud::plugins
