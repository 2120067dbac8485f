// SPDX-License-Identifier: Apache-2.0
#include "nvml/gpu.h"

#include <algorithm>

namespace gpud::sim_nvml {

using scenario::Label;
using scenario::Series;
using scenario::Tags;

Gpu::Gpu(const scenario::Node& node, int index, const Board& board, const Moment& moment)
    : node_(node),
      index_(index),
      board_(board),
      moment_(moment),
      presence_(node.PresenceOf({Label::kGpu, index})) {}

Series* Gpu::Find(std::string_view signal, std::int64_t second) {
  auto found = series_.find({signal, second});
  if (found == series_.end()) {
    const scenario::Signal* known = scenario::FindSignal(signal);
    Tags tags{{Label::kGpu, index_}};
    if (known->labels[1] != Label::kNone) tags.push_back({known->labels[1], second});
    const bool link_exists =
        known->labels[1] != Label::kLink || (second >= 0 && second < node_.profile().links);
    if (!link_exists) return nullptr;
    // The key keeps the name of the table, which lasts.
    found = series_.emplace(std::pair{known->name, second}, Series(node_, *known, tags)).first;
  }
  found->second.MoveTo(moment_.sample);
  return &found->second;
}

Reading Gpu::Read(std::string_view signal, std::int64_t second) {
  const Series* series = Find(signal, second);
  if (!series || !series->raw()) return {};
  const auto value = series->value();
  return value ? Known(*value) : Reading{.status = NVML_ERROR_UNKNOWN};
}

double Gpu::Integral(std::string_view signal, std::int64_t second) {
  const Series* series = Find(signal, second);
  return series ? series->IntegralAt(moment_.t) : 0;
}

bool Gpu::IsPresent() const { return !presence_ || scenario::IsThere(*presence_, moment_.t); }

std::string Gpu::FactText(std::string_view name, std::string_view otherwise) const {
  const auto* value =
      node_.FactNow("gpu." + std::to_string(index_) + "." + std::string(name), moment_.t);
  const auto* text = value ? std::get_if<std::string>(value) : nullptr;
  return text ? *text : std::string(otherwise);
}

std::optional<double> Gpu::FactNumber(std::string_view name) const {
  const auto* value =
      node_.FactNow("gpu." + std::to_string(index_) + "." + std::string(name), moment_.t);
  if (!value) return std::nullopt;
  if (const auto* whole = std::get_if<std::int64_t>(value)) return static_cast<double>(*whole);
  if (const auto* number = std::get_if<double>(value)) return *number;
  if (const auto* truth = std::get_if<bool>(value)) return *truth ? 1 : 0;
  return std::nullopt;
}

int Gpu::mig_instances() const {
  if (board_.mig_sms_per_slice == 0 || !FactIs("mig_mode", "on")) return 0;
  return std::clamp(static_cast<int>(FactNumber("mig_instances").value_or(0)), 0, 7);
}

}  // namespace gpud::sim_nvml
