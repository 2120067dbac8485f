// SPDX-License-Identifier: Apache-2.0
#include "scenario/kernel_log.h"

#include <algorithm>
#include <cmath>

namespace gpud::scenario {
namespace {

constexpr std::string_view kNumber = "{i}";

std::string Numbered(std::string text, int i) {
  for (std::size_t at = text.find(kNumber); at != std::string::npos; at = text.find(kNumber, at)) {
    text.replace(at, kNumber.size(), std::to_string(i));
  }
  return text;
}

std::string Subsystem(const std::string& device) {
  if (device[0] == '+') return device.substr(1, device.find(':') - 1);
  return device[0] == 'b' ? "block" : "net";
}

}  // namespace

std::vector<std::string> LogRecord::Lines() const {
  std::vector<std::string> lines{header + ";" + text};
  if (!device.empty()) {
    lines.push_back(" SUBSYSTEM=" + Subsystem(device));
    lines.push_back(" DEVICE=" + device);
  }
  return lines;
}

std::vector<LogRecord> KernelLogOf(const Node& node) {
  struct Planned {
    double t;
    int i;
    const KernelLine* line;
  };
  const Scenario& scenario = node.scenario();
  std::vector<Planned> planned;
  for (const KernelLine& line : scenario.kernel_log) {
    if (!line.node.empty() && !GlobMatches(line.node, node.name())) continue;
    for (int i = 0; i < line.count; ++i) {
      const double t = line.t + i * line.every_s;
      if (t <= scenario.duration_s) planned.push_back({t, i, &line});
    }
  }
  std::ranges::stable_sort(planned, {}, &Planned::t);
  std::vector<LogRecord> records;
  for (const auto& [t, i, line] : planned) {
    const auto micros = static_cast<std::int64_t>(std::floor((scenario.uptime_s + t) * 1e6 + 0.5));
    records.push_back({.t = t,
                       .text = line->repeats ? Numbered(line->text, i) : line->text,
                       .device = line->device,
                       .header = std::to_string(line->facility * 8 + line->level) + "," +
                                 std::to_string(records.size() + 1) + "," + std::to_string(micros) +
                                 "," + line->flags});
  }
  return records;
}

}  // namespace gpud::scenario
