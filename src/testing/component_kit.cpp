// SPDX-License-Identifier: Apache-2.0
#include "testing/component_kit.h"

#include <algorithm>

#include "platform/text.h"

namespace gpud {

namespace {

class Findings final : public LineSink {
 public:
  void Add(LineFinding finding) override { all.push_back(std::move(finding)); }
  void Detail(std::string_view name, std::string value) override {
    if (!all.empty()) all.back().details.emplace(name, std::move(value));
  }
  std::vector<LineFinding> all;
};

constexpr WallTime kStart{std::chrono::seconds(1'772'352'000)};

}  // namespace

std::vector<LineFinding> Find(const ComponentType& type, const std::vector<std::string>& lines) {
  const auto matcher = type.create_matcher();
  WallTime time = kStart;
  Findings findings;
  for (const std::string& line : lines) {
    time += std::chrono::seconds(1);
    const bool wanted = std::any_of(
        type.needles.begin(), type.needles.end(),
        [&](std::string_view needle) { return line.find(needle) != std::string::npos; });
    if (wanted) matcher->OnLine({.time = time, .text = line}, findings);
  }
  return std::move(findings.all);
}

std::vector<Event> Match(const ComponentType& type, const std::vector<std::string>& lines) {
  std::vector<Event> events;
  for (const LineFinding& finding : Find(type, lines)) {
    events.push_back(ToEvent(finding));
    events.back().time = kStart + std::chrono::seconds(events.size());
  }
  return events;
}

std::string Told(const ComponentType& type, const std::string& line) {
  std::string told;
  for (const LineFinding& finding : Find(type, {line})) {
    told += told.empty() ? "" : "; ";
    told += finding.code + ' ' + (finding.device.empty() ? "-" : finding.device) + ' ' +
            ToLower(Word(finding.severity)) + ' ' + std::string(Word(finding.action));
  }
  return told;
}

std::optional<double> SampleOf(const Report& report, std::string_view metric,
                               const Labels& labels) {
  for (const Sample& sample : report.samples) {
    if (sample.metric == metric && sample.labels == labels) return sample.value;
  }
  return std::nullopt;
}

const HealthState* StateOf(const Report& report, std::string_view name) {
  for (const HealthState& state : report.states) {
    if (state.name == name) return &state;
  }
  return nullptr;
}

}  // namespace gpud
