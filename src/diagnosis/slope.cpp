// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/slope.h"

#include <algorithm>
#include <array>

#include "diagnosis/pass.h"

namespace gpud::diagnosis {
namespace {

constexpr int kMostParts = 24;

struct Parts {
  std::array<double, kMostParts> mean{}, at{};  // at: in samples
  int count = 0;
};

Parts PartsOf(const Samples& samples, int from, int to) {
  Parts parts;
  const int all = to - from;
  const int wanted = std::min(kMostParts, all);
  for (int p = 0; p < wanted; ++p) {
    double sum = 0, place = 0;
    int count = 0;
    for (int i = from + all * p / wanted; i < from + all * (p + 1) / wanted; ++i) {
      if (std::isnan(samples[i])) continue;
      sum += static_cast<double>(samples[i]);
      place += i;
      ++count;
    }
    if (count == 0) continue;
    parts.mean[static_cast<std::size_t>(parts.count)] = sum / count;
    parts.at[static_cast<std::size_t>(parts.count)] = place / count;
    ++parts.count;
  }
  return parts;
}

double Slope(const Parts& parts, Seconds step) {
  if (parts.count < 3) return kAbsent;
  std::vector<double> slopes;
  slopes.reserve(static_cast<std::size_t>(parts.count * (parts.count - 1) / 2));
  for (std::size_t i = 0; i < static_cast<std::size_t>(parts.count); ++i) {
    for (std::size_t j = i + 1; j < static_cast<std::size_t>(parts.count); ++j) {
      slopes.push_back((parts.mean[j] - parts.mean[i]) / (parts.at[j] - parts.at[i]));
    }
  }
  return MedianOf(slopes) / step * 3600;
}

}  // namespace

double SlopePerHour(const Samples& samples, Seconds step) {
  return Slope(PartsOf(samples, 0, samples.count()), step);
}

Growth GrowthOf(const Samples& samples, Seconds step) {
  Growth growth;
  const int all = samples.count();
  int seen = 0;
  samples.Each([&](float) { ++seen; });
  // One sample may be late.
  growth.whole = seen >= samples.expected - 1 - samples.expected / 50;
  growth.per_hour = SlopePerHour(samples, step);
  const int five_minutes = std::max(1, static_cast<int>(300 / step));
  const int steps = std::max(1, all / five_minutes);
  double before = kAbsent;
  int rose = 0, compared = 0;
  for (int s = 0; s < steps; ++s) {
    double sum = 0;
    int count = 0;
    for (int i = all * s / steps; i < all * (s + 1) / steps; ++i) {
      if (std::isnan(samples[i])) continue;
      sum += static_cast<double>(samples[i]);
      ++count;
    }
    if (count == 0) continue;
    const double mean = sum / count;
    if (!std::isnan(before)) {
      ++compared;
      rose += mean > before ? 1 : 0;
    }
    before = mean;
  }
  growth.rising = compared > 0 ? static_cast<double>(rose) / compared : 0;
  for (int i = 0; i < all; ++i) {
    if (std::isnan(samples[i])) continue;
    growth.first = static_cast<double>(samples[i]);
    break;
  }
  for (int i = all - 1; i >= 0; --i) {
    if (std::isnan(samples[i])) continue;
    growth.last = static_cast<double>(samples[i]);
    break;
  }
  const double early = Slope(PartsOf(samples, 0, all / 3), step);
  const double late = Slope(PartsOf(samples, all - all / 3, all), step);
  growth.levels_off = early > 0 && late < 0.25 * early;
  return growth;
}

}  // namespace gpud::diagnosis
