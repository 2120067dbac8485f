// SPDX-License-Identifier: Apache-2.0
// gpud metrics: what was measured.
#include <algorithm>
#include <ostream>

#include "cli/api.h"
#include "cli/metric_view.h"
#include "cli/moment.h"
#include "cli/output.h"

namespace gpud::cli {
namespace {

constexpr Flag kFlags[] = {
    {.name = "component",
     .value = "NAMES",
     .help = "only of these, separated by commas",
     .alias = "components"},
    {.name = "name", .value = "TEXT", .help = "only metrics whose name holds this"},
    {.name = "since",
     .value = "TIME",
     .help = "how far back: 30m, 7d, or 2026-03-01T08:00:00Z (default: 30m)"},
    {.name = "resolution",
     .value = "TIME",
     .help = "one sample for each step of this length "
             "(default: 60s); full = every sample"},
};

int Metrics(Context& context, const Arguments& arguments) {
  const WallTime now = SystemClock().Wall();
  const auto since = ParseMoment(arguments.Text("since", "30m"), now);
  if (!since) return Failure(context, arguments, since.error());
  using Answer = std::vector<store::ComponentMetrics>;
  auto components =
      Api(context, arguments)
          .Get<Answer>("/v1/metrics", {{"components", JoinedNames({arguments.Text("component")})},
                                       {"since", DurationText(std::max(now - *since, {}))},
                                       {"resolution", arguments.Text("resolution")}});
  if (!components) return Failure(context, arguments, components.error());
  const std::string name = arguments.Text("name");
  for (store::ComponentMetrics& component : *components) {
    std::erase_if(component.metrics, [&name](const Metric& metric) {
      return metric.name.find(name) == std::string::npos;
    });
  }
  std::erase_if(*components, [](const auto& component) { return component.metrics.empty(); });
  if (const Format format = FormatOf(arguments); format != Format::kTable) {
    context.out << Rendered(JsonOf(*components), format);
  } else if (components->empty()) {
    context.out << "no samples since " << arguments.Text("since", "30m") << '\n';
  } else {
    context.out << MetricText(*components, context.out_terminal);
  }
  return 0;
}

}  // namespace

extern constinit const Command kMetrics{
    .name = "metrics",
    .group = Group::kLook,
    .summary = "what was measured: last, least and greatest",
    .about = "-o json and -o yaml give every sample.",
    .examples =
        "gpud metrics --component cpu\n"
        "gpud metrics --name used_percent --since 6h\n"
        "gpud metrics --since 5m --resolution full -o json",
    .flags = [] { return AllOf(kFlags, kOutputFlags, kConnectionFlags); },
    .run = Metrics,
};

}  // namespace gpud::cli
