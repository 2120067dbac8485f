// SPDX-License-Identifier: Apache-2.0
#include "machine/readings.h"

#include <algorithm>

namespace gpud::sim_machine {

Readings::Readings(const scenario::Node& node, Origin origin) : node_(node), origin_(origin) {}

void Readings::MoveTo(double t) {
  t_ = t;
  sample_ = static_cast<std::int64_t>(t / node_.scenario().step_s + 1e-9);
}

double Readings::UptimeAt(double t) const {
  return std::max(0.0, origin_.start_unix + t / origin_.speed - origin_.boot_unix);
}

std::optional<double> Readings::Sample(std::string_view signal, const scenario::Tags& tags) {
  auto found = series_.find({signal, tags});
  if (found == series_.end()) {
    const scenario::Signal& type = *scenario::FindSignal(signal);
    found = series_.try_emplace({type.name, tags}, node_, type, tags).first;
  }
  found->second.MoveTo(sample_);
  return found->second.value();
}

double Readings::Count(std::string_view counter, double per_second) {
  auto found = meters_.find(counter);
  if (found == meters_.end()) found = meters_.emplace(counter, Meter{}).first;
  Meter& meter = found->second;
  const double step = node_.scenario().step_s;
  if (meter.sample != sample_) {
    if (meter.sample >= 0) {
      meter.total +=
          meter.rate * static_cast<double>(sample_ - meter.sample) * step / origin_.speed;
    }
    meter.rate = per_second;
    meter.sample = sample_;
  }
  const double since = t_ - static_cast<double>(sample_) * step;
  return meter.total + meter.rate * std::max(0.0, since) / origin_.speed;
}

std::string Readings::FactText(std::string_view name, std::string_view otherwise) const {
  const auto* fact = node_.FactNow(name, t_);
  const auto* text = fact ? std::get_if<std::string>(fact) : nullptr;
  return text ? *text : std::string(otherwise);
}

double Readings::FactNumber(std::string_view name, double otherwise) const {
  const auto* fact = node_.FactNow(name, t_);
  if (!fact) return otherwise;
  if (const auto* whole = std::get_if<std::int64_t>(fact)) return static_cast<double>(*whole);
  const auto* number = std::get_if<double>(fact);
  return number ? *number : otherwise;
}

bool Readings::FactIsTrue(std::string_view name, bool otherwise) const {
  const auto* fact = node_.FactNow(name, t_);
  const auto* truth = fact ? std::get_if<bool>(fact) : nullptr;
  return truth ? *truth : otherwise;
}

}  // namespace gpud::sim_machine
