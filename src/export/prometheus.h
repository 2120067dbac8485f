// SPDX-License-Identifier: Apache-2.0
// Prometheus: what the components measured, in the classic text format. docs/api.md, GET /metrics.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/status.h"

namespace gpud::prometheus {

inline constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

/// Numbers of the daemon itself, without a component label.
using OwnMetrics = std::vector<std::pair<MetricType, double>>;

/// Series of no component.
struct Family {
  MetricType type;
  std::vector<std::pair<Labels, double>> series;
};

/// The whole page: families by name, series by labels, HELP and TYPE for each. Every supported
/// component also has four gauges, PREFIX_health_state_{healthy,unhealthy,degraded,unknown}, of
/// which at most one is 1 (none while it is Initializing). Of series that are there twice the first
/// is kept, as a scraper refuses the whole page otherwise.
std::string Text(const std::vector<ComponentStatus>& components, const OwnMetrics& own,
                 const std::vector<Family>& others = {});

/// `text` as a metric name: what is illegal there becomes `_`, a leading digit too.
std::string LegalName(std::string_view text);

}  // namespace gpud::prometheus
