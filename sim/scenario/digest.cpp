// SPDX-License-Identifier: Apache-2.0
#include "scenario/digest.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "scenario/kernel_log.h"
#include "scenario/series.h"

namespace gpud::scenario {
namespace {

struct Digested {
  Series series;
  Sha256Stream hash;
  bool seen = false;  ///< has a sample that is not absent
};

// All series of a node, side by side through time: nothing is kept but the state of each.
std::vector<Digested> DigestSeries(const Node& node, const std::string& glob) {
  std::vector<Digested> rows;
  for (const Signal& signal : AllSignals()) {
    if (!GlobMatches(glob, std::string(signal.name))) continue;
    for (const Tags& tags : node.LabelSets(signal)) {
      rows.push_back({.series = Series(node, signal, tags), .hash = {}});
    }
  }
  const std::int64_t samples = node.scenario().SampleCount();
  for (std::int64_t k = 0; k < samples; ++k) {
    for (Digested& row : rows) {
      row.series.MoveTo(k);
      char text[40] = "-";
      if (const auto value = row.series.value()) {
        std::snprintf(text, sizeof text, "%.8e", *value + 0.0);
        row.seen = true;
      }
      if (k > 0) row.hash.Add("\n");
      row.hash.Add(text);
    }
  }
  std::erase_if(rows, [](const Digested& row) { return !row.seen; });
  return rows;
}

std::string DigestOfLines(const std::vector<std::string>& lines) {
  Sha256Stream hash;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) hash.Add("\n");
    hash.Add(lines[i]);
  }
  return Hex(hash.Finish());
}

std::string LogLine(const Node& node, By by) {
  std::vector<std::string> lines;
  for (const LogRecord& record : KernelLogOf(node)) {
    for (std::string& line : record.Lines()) lines.push_back(std::move(line));
  }
  const std::string count = by == By::kSignal ? std::to_string(lines.size()) + " " : "";
  return node.name() + " #kmsg " + count + DigestOfLines(lines);
}

}  // namespace

std::vector<std::string> DigestLines(const Node& node, const std::string& glob, By by) {
  std::vector<std::string> output;
  if (glob == "*") output.push_back(LogLine(node, by));
  std::map<std::string, std::vector<std::string>> by_signal;
  for (Digested& row : DigestSeries(node, glob)) {
    const std::string name(row.series.signal().name);
    by_signal[name].push_back(node.name() + " " + name + "{" + node.TextOf(row.series.tags()) +
                              "} " + Hex(row.hash.Finish()));
  }
  for (auto& [signal, lines] : by_signal) {
    std::ranges::sort(lines);
    if (by == By::kSeries) {
      std::ranges::move(lines, std::back_inserter(output));
    } else {
      output.push_back(node.name() + " " + signal + " " + std::to_string(lines.size()) + " " +
                       DigestOfLines(lines));
    }
  }
  return output;
}

std::string DigestOfScenario(const Scenario& scenario) {
  std::vector<std::string> lines;
  for (const Node& node : NodesOf(scenario)) {
    std::ranges::move(DigestLines(node, "*", By::kSignal), std::back_inserter(lines));
  }
  std::ranges::sort(lines);
  Sha256Stream hash;
  for (const std::string& line : lines) hash.Add(line + "\n");
  return Hex(hash.Finish());
}

}  // namespace gpud::scenario
