// SPDX-License-Identifier: Apache-2.0
#include "scenario/series.h"

#include <algorithm>
#include <cmath>

namespace gpud::scenario {
namespace {

// A counter's growth may fall short of the next whole number by rounding alone.
constexpr double kRounding = 1e-9;

}  // namespace

Series::Series(const Node& node, const Signal& signal, Tags tags)
    : node_(&node), signal_(&signal), tags_(std::move(tags)) {
  for (const SignalEntry& entry : node.scenario().signals) {
    if (entry.signal == signal_ && Covers(entry)) entries_.push_back(&entry);
  }
  for (const Tag& tag : tags_) {
    const Presence* presence = node.PresenceOf(tag);
    if (presence && signal.name != "gpu.lost") devices_.push_back(presence);
    if (tag.label == Label::kPid) process_ = node.FindProcess(tag.id);
  }
  ChooseBase();
  total_ = std::ranges::any_of(entries_, &SignalEntry::total);
  if (total_) {
    rule_ = Rule::kConstant;
    constant_ = {.value = 0.0};
    sources_.clear();
  }
  const bool noisy = constant_.noise > 0 || std::ranges::any_of(entries_, [](const auto* entry) {
                       return entry->noise_sd > 0 || entry->noise_uniform > 0;
                     });
  draws_ = noisy && signal.kind != Kind::kState && !total_;
  still_ = entries_.empty() && rule_ == Rule::kConstant && !draws_ &&
           (signal.kind != Kind::kCounter || constant_.value == 0.0);
  Start();
}

bool Series::Covers(const SignalEntry& entry) const {
  if (!AnyGlobMatches(entry.nodes, node_->name())) return false;
  const auto entry_has = [&](Label label) {
    return std::ranges::any_of(entry.labels,
                               [&](const auto& l) { return l.first == LabelName(label); });
  };
  // The link of an adapter is addressed by its own label alone.
  if (signal_->also_nic && tags_[0].label == Label::kNic && !entry_has(Label::kNic)) return false;
  return std::ranges::all_of(entry.labels, [&](const auto& label) {
    const auto tag = std::ranges::find_if(
        tags_, [&](const Tag& t) { return LabelName(t.label) == label.first; });
    if (tag == tags_.end()) return false;
    const std::string text = node_->TextOf(*tag);
    return std::ranges::any_of(label.second,
                               [&](const std::string& v) { return v == "*" || v == text; });
  });
}

double Series::TimeOf(std::int64_t k) const {
  return static_cast<double>(k) * node_->scenario().step_s;
}

std::int64_t Series::IdOf(Label label) const {
  const auto tag = std::ranges::find(tags_, label, &Tag::label);
  return tag == tags_.end() ? -1 : tag->id;
}

void Series::Start() {
  k_ = -1;
  grown_ = 0;
  integral_ = 0;
  rate_.reset();
  raw_.reset();
  recent_.fill(std::nullopt);
  if (draws_) {
    random_ = Draws(std::to_string(node_->scenario().seed) + "|" + node_->name() + "|" +
                    std::string(signal_->name) + "|" + node_->TextOf(tags_));
  }
}

void Series::MoveTo(std::int64_t k) {
  if (k < k_) Start();
  if (still_) {
    JumpTo(k);
  } else {
    while (k_ < k) Step();
  }
}

// Most series of a healthy machine stand still, and a driver that has run for days must answer at
// once.
void Series::JumpTo(std::int64_t k) {
  raw_ = constant_.value;
  if (raw_) raw_ = std::min(signal_->high, std::max(signal_->low, *raw_));
  for (std::int64_t j = std::max(k_ + 1, k - kHistory + 1); j <= k; ++j) {
    recent_[static_cast<std::size_t>(j % kHistory)] = IsVisible(TimeOf(j)) ? raw_ : std::nullopt;
  }
  integral_ = raw_.value_or(0) * TimeOf(k);
  k_ = k;
}

std::optional<double> Series::Moved(const Base& base, double t, const SignalEntry*& last) const {
  std::optional<double> value = base.value;
  for (const SignalEntry* entry : entries_) {
    const auto x = entry->At(t);
    if (!x) continue;
    last = entry;
    if (entry->operation == Operation::kSet) {
      value = *x;
    } else if (value) {
      value = entry->operation == Operation::kAdd ? *value + *x : *value * *x;
    }
  }
  return value;
}

void Series::Step() {
  if (k_ >= 0) {
    const double step = TimeOf(k_ + 1) - TimeOf(k_);
    if (signal_->kind == Kind::kGauge) integral_ += raw_.value_or(0) * step;
    grown_ += rate_.value_or(0) * step;
  }
  ++k_;
  for (Series& source : sources_) source.MoveTo(k_);
  const double t = TimeOf(k_);
  const Base base = BaseNow(t);
  const SignalEntry* last = nullptr;
  std::optional<double> value = Moved(base, t, last);
  if (draws_) {
    const Draw draw = random_.Next();
    if (value && !last) {
      *value += base.noise * draw.normal;
    } else if (value) {
      *value += last->noise_sd * draw.normal + last->noise_uniform * (2 * draw.uniform - 1);
    }
  }
  if (value) value = std::min(signal_->high, std::max(signal_->low, *value));
  if (signal_->kind == Kind::kCounter) {
    if (!total_) {
      rate_ = value;
      if (value) value = grown_;
    }
    if (value) value = std::floor(*value + kRounding);
  }
  raw_ = value;
  recent_[static_cast<std::size_t>(k_ % kHistory)] = IsVisible(t) ? value : std::nullopt;
}

bool Series::IsVisible(double t) const {
  if (process_ && !process_->AliveAt(t)) return false;
  for (const Presence* device : devices_) {
    if (!IsThere(*device, t)) return false;
  }
  return std::ranges::none_of(entries_, [&](const SignalEntry* entry) {
    return std::ranges::any_of(
        entry->missing, [&](const auto& span) { return span.first <= t && t <= span.second; });
  });
}

std::optional<double> Series::Recent(std::int64_t k) const {
  if (k < 0 || k > k_ || k <= k_ - kHistory) return std::nullopt;
  return recent_[static_cast<std::size_t>(k % kHistory)];
}

double Series::IntegralAt(double t) const {
  return integral_ + raw_.value_or(0) * std::max(0.0, t - TimeOf(k_));
}

}  // namespace gpud::scenario
