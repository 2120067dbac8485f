// SPDX-License-Identifier: Apache-2.0
#include "cli/metric_view.h"

#include <algorithm>

#include "cli/table.h"
#include "platform/text.h"

namespace gpud::cli {
namespace {

struct Series {
  std::string component, name, labels;
  double last = 0, least = 0, most = 0;
  std::size_t samples = 0;
};

std::string LabelText(const Labels& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    text += (text.empty() ? "" : " ") + name + '=' + value;
  }
  return text;
}

}  // namespace

std::string MetricText(const std::vector<store::ComponentMetrics>& components,
                       const Terminal& terminal) {
  std::vector<Series> all;
  std::map<std::string, std::size_t> places;  // of a series in `all`
  for (const store::ComponentMetrics& component : components) {
    for (const Metric& metric : component.metrics) {
      const std::string labels = LabelText(metric.labels);
      const auto [place, is_new] =
          places.emplace(component.component + '\n' + metric.name + '\n' + labels, all.size());
      if (is_new) {
        all.push_back({component.component, metric.name, labels, metric.value, metric.value,
                       metric.value, 0});
      }
      Series& series = all[place->second];
      series.last = metric.value;  // ascending time
      series.least = std::min(series.least, metric.value);
      series.most = std::max(series.most, metric.value);
      ++series.samples;
    }
  }
  Table table({"COMPONENT", "METRIC", "LABELS", "LAST", "MIN", "MAX", "SAMPLES"});
  for (const Series& series : all) {
    table.Add({series.component, series.name, series.labels, NumberText(series.last),
               NumberText(series.least), NumberText(series.most), std::to_string(series.samples)});
  }
  return table.empty() ? std::string() : table.Text(terminal);
}

}  // namespace gpud::cli
