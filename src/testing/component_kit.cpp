// SPDX-License-Identifier: Apache-2.0
#include "testing/component_kit.h"

namespace gpud {

std::vector<Event> Match(const ComponentType& type, const std::vector<std::string>& lines) {
  const auto matcher = type.create_matcher();
  WallTime time{std::chrono::seconds(1'772'352'000)};
  std::vector<Event> events;
  for (const std::string& line : lines) {
    time += std::chrono::seconds(1);
    bool wanted = false;
    for (const std::string_view needle : type.needles) {
      wanted = wanted || line.find(needle) != std::string::npos;
    }
    if (!wanted) continue;
    if (auto event = matcher->OnLine({.time = time, .text = line})) {
      events.push_back(*std::move(event));
    }
  }
  return events;
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
