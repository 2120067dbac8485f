// SPDX-License-Identifier: Apache-2.0
#include "export/prometheus.h"

#include <algorithm>
#include <map>

#include "platform/text.h"

namespace gpud::prometheus {
namespace {

constexpr std::string_view kComponentLabel = "gpud_component";

struct Gauge {
  Health health;
  std::string_view suffix, help;
};
constexpr Gauge kHealthGauges[] = {
    {Health::kHealthy, "_health_state_healthy", "1 while the last check was healthy"},
    {Health::kUnhealthy, "_health_state_unhealthy", "1 while the last check was unhealthy"},
    {Health::kDegraded, "_health_state_degraded", "1 while the last check was degraded"},
    {Health::kUnknown, "_health_state_unknown", "1 while the component could not be read"},
};

struct TextFamily {
  std::string_view help;
  MetricKind kind = MetricKind::kGauge;
  std::map<std::string, double> series;  // by the text of the labels
};
using Families = std::map<std::string, TextFamily>;

void AppendEscaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\\' || (quotes && c == '"')) out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
}

std::string LabelName(std::string_view text) {
  std::string name = LegalName(text);
  std::replace(name.begin(), name.end(), ':', '_');  // legal in a metric's name only
  return name;
}

/// Without a label for the component where that is empty.
std::string LabelText(const Labels& labels, std::string_view component) {
  std::map<std::string, std::string_view> sorted;
  for (const auto& [name, value] : labels) sorted.emplace(LabelName(name), value);
  if (!component.empty()) sorted[std::string(kComponentLabel)] = component;
  if (sorted.empty()) return {};
  std::string out;
  for (const auto& [name, value] : sorted) {
    out += out.empty() ? '{' : ',';
    out += name;
    out += "=\"";
    AppendEscaped(out, ValidUtf8(value), true);
    out += '"';
  }
  out += '}';
  return out;
}

const MetricType* TypeOf(const ComponentStatus& component, std::string_view metric) {
  const auto found = std::find_if(component.metrics.begin(), component.metrics.end(),
                                  [&](const MetricType& type) { return type.name == metric; });
  return found == component.metrics.end() ? nullptr : &*found;
}

void Add(Families& families, std::string_view name, std::string_view help, MetricKind kind,
         std::string labels, double value) {
  auto [family, is_new] = families.try_emplace(LegalName(name));
  if (is_new) family->second = {.help = help, .kind = kind, .series = {}};
  family->second.series.emplace(std::move(labels), value);
}

}  // namespace

std::string LegalName(std::string_view text) {
  std::string name(text);
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
    if (!letter && !(i > 0 && c >= '0' && c <= '9')) name[i] = '_';
  }
  return name.empty() ? "_" : name;
}

std::string Text(const std::vector<ComponentStatus>& components, const OwnMetrics& own,
                 const std::vector<Family>& others) {
  Families families;
  for (const ComponentStatus& component : components) {
    for (const Sample& sample : component.samples) {
      const MetricType* type = TypeOf(component, sample.metric);
      Add(families, sample.metric, type ? type->help : "no description",
          type ? type->kind : MetricKind::kGauge, LabelText(sample.labels, component.name),
          sample.value);
    }
    if (!component.supported) continue;
    const std::string prefix = ToLower(component.name);
    const std::string labels = LabelText({}, component.name);
    const Health health = component.states.empty() ? Health::kInitializing : component.health();
    for (const Gauge& gauge : kHealthGauges) {
      Add(families, prefix + std::string(gauge.suffix), gauge.help, MetricKind::kGauge, labels,
          gauge.health == health ? 1 : 0);
    }
  }
  for (const auto& [type, value] : own) Add(families, type.name, type.help, type.kind, {}, value);
  for (const Family& family : others) {
    const MetricType& type = family.type;
    for (const auto& [labels, value] : family.series) {
      Add(families, type.name, type.help, type.kind, LabelText(labels, ""), value);
    }
  }

  std::string out;
  for (const auto& [name, family] : families) {
    out += "# HELP " + name + ' ';
    AppendEscaped(out, family.help, false);
    out += "\n# TYPE " + name + (family.kind == MetricKind::kCounter ? " counter\n" : " gauge\n");
    for (const auto& [labels, value] : family.series) {
      out += name;
      out += labels;
      out += ' ';
      out += NumberText(value);
      out += '\n';
    }
  }
  return out;
}

}  // namespace gpud::prometheus
