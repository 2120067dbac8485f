// SPDX-License-Identifier: Apache-2.0
// Metrics: what a component exports (MetricType), one number of it (Sample), and the v1 form.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/fields.h"

namespace gpud {

enum class MetricKind : unsigned char { kGauge, kCounter };

/// A family of series; a constant table in its component.
struct MetricType {
  std::string_view name;  ///< Prometheus family name; the unit is part of it
  std::string_view help;
  MetricKind kind = MetricKind::kGauge;
};

using Labels = std::map<std::string, std::string>;

/// One number of a series, at the time of the report that carries it. Never NaN or infinite.
struct Sample {
  std::string metric;  ///< names a MetricType of the component
  Labels labels;       ///< without gpud_component, which the frame adds
  double value = 0;

  bool operator==(const Sample&) const = default;
};

/// A sample as /v1/metrics gives it.
struct Metric {
  std::int64_t unix_seconds = 0;  ///< milliseconds in truth; the name is the original's
  std::string name;
  Labels labels;
  double value = 0;

  bool operator==(const Metric&) const = default;
  static constexpr auto Fields() {
    using M = Metric;
    return std::tuple{Field{"unix_seconds", &M::unix_seconds}, Field{"name", &M::name},
                      Field{"labels", &M::labels, When::kNonEmpty}, Field{"value", &M::value}};
  }
};

}  // namespace gpud
