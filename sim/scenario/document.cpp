// SPDX-License-Identifier: Apache-2.0
#include "scenario/document.h"

#include <fnmatch.h>

#include <algorithm>
#include <cmath>

namespace gpud::scenario {

std::vector<std::string> NodeSpec::Names() const {
  if (count == 1) return {name};
  std::vector<std::string> names;
  for (int k = 0; k < count; ++k) names.push_back(name + "-" + std::to_string(k));
  return names;
}

std::optional<double> SignalEntry::At(double t) const {
  if (t < from_s || t > until_s) return std::nullopt;
  if (wave) {
    const bool high = std::fmod(t - from_s, wave->period_s) < wave->duty * wave->period_s;
    return high ? wave->high : wave->low;
  }
  const auto next = std::ranges::upper_bound(points, t, {}, &std::pair<double, double>::first);
  if (next == points.begin()) return std::nullopt;
  const auto& [t0, v0] = *std::prev(next);
  if (steps || next == points.end()) return v0;
  const auto& [t1, v1] = *next;
  return v0 + (v1 - v0) * ((t - t0) / (t1 - t0));
}

std::int64_t Scenario::SampleCount() const {
  return static_cast<std::int64_t>(duration_s / step_s + 1e-9) + 1;
}

bool GlobMatches(const std::string& pattern, const std::string& name) {
  return fnmatch(pattern.c_str(), name.c_str(), FNM_NOESCAPE) == 0;
}

bool AnyGlobMatches(const std::vector<std::string>& patterns, const std::string& name) {
  return std::ranges::any_of(patterns, [&](const auto& p) { return GlobMatches(p, name); });
}

}  // namespace gpud::scenario
