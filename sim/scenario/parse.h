// SPDX-License-Identifier: Apache-2.0
// The parts of a scenario file, each read and checked by itself (document.h has the whole).
#pragma once

#include <string>

#include "scenario/document.h"
#include "scenario/map_reader.h"

namespace gpud::scenario {

NodeSpec ReadNode(const Yaml& value, const std::string& where, Mistakes& mistakes);
/// Needs the nodes of the scenario.
SignalEntry ReadSignal(const Yaml& value, const std::string& where, const Scenario& scenario,
                       Mistakes& mistakes);
KernelLine ReadKernelLine(const Yaml& value, const std::string& where, const Scenario& scenario,
                          Mistakes& mistakes);
FactChange ReadFactChange(const Yaml& value, const std::string& where, const Scenario& scenario,
                          Mistakes& mistakes);
Expectation ReadExpectation(const Yaml& value, const std::string& where, const Scenario& scenario,
                            Mistakes& mistakes);

/// A map of facts. Notes `on` and `off` without quotes where a word is meant.
Facts ReadFacts(const Yaml& value, const std::string& where, Mistakes& mistakes);
/// Notes a pattern that no node has.
void CheckNodes(const std::vector<std::string>& patterns, int line, const std::string& where,
                const Scenario& scenario, Mistakes& mistakes);
/// Whether a node of this kind has the label value ("*": always).
bool HasLabelValue(const NodeSpec& node, Label label, const std::string& value);

}  // namespace gpud::scenario
