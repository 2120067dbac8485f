// SPDX-License-Identifier: Apache-2.0
// Fingerprints of all that a scenario makes, by which two implementations of the format are
// compared (specs/diagnosis.md, 5.10).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenario/node.h"

namespace gpud::scenario {

enum class By : std::uint8_t { kSeries, kSignal };

/// "NODE SIGNAL{LABELS} DIGEST" of every series with a sample, or "NODE SIGNAL COUNT DIGEST" of
/// each signal; for the signals that match `glob`, with "*" also the kernel log. Not sorted.
std::vector<std::string> DigestLines(const Node& node, const std::string& glob, By by);

/// SHA-256 of the lines of all nodes by signal, sorted, each with its line feed: of the whole
/// scenario.
std::string DigestOfScenario(const Scenario& scenario);

}  // namespace gpud::scenario
