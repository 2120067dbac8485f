// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/engine.h"

#include <algorithm>

namespace gpud::diagnosis {
namespace {

constexpr Seconds kRefresh = 60;  // the numbers of standing verdicts are renewed
constexpr Seconds kLeastCalm = 120;

}  // namespace

Engine::Engine(const NodeView& view) : view_(view), pass_(view) {
  int tracks = 0;
  for (const Rule* rule : AllRules()) {
    first_track_.push_back(tracks);
    tracks += SubjectsOf(view, rule->scope);
  }
  tracks_.resize(static_cast<std::size_t>(tracks));
}

bool Engine::IsDue(const Rule& rule) const {
  if (rule.every_s > 5 && last_ >= 0 &&
      std::floor(view_.now() / rule.every_s) == std::floor(last_ / rule.every_s)) {
    return false;
  }
  return rule.only_after.empty() || std::ranges::any_of(rule.only_after, [&](EventCode code) {
           return view_.events.Has(code);
         });
}

void Engine::Evaluate() {
  pass_.Update();
  const auto rules = AllRules();
  for (std::size_t r = 0; r < rules.size(); ++r) {
    const Rule& rule = *rules[r];
    if (!IsDue(rule)) continue;
    const int subjects = SubjectsOf(view_, rule.scope);
    for (int subject = 0; subject < subjects; ++subject) {
      Track& track = tracks_[static_cast<std::size_t>(first_track_[r] + subject)];
      Evaluate(static_cast<int>(r), subject, track);
    }
  }
  if (view_.now() - refreshed_ >= kRefresh) refreshed_ = view_.now();
  last_ = view_.now();
}

Finding Engine::Make(int rule, int subject, const Track& track) {
  const Rule& of = *AllRules()[static_cast<std::size_t>(rule)];
  Finding finding{.id = of.id, .rule = rule, .subject = subject, .detected = view_.now()};
  finding.draft.severity = of.severity;
  finding.draft.base = of.base;
  Look look(pass_, subject, track.finding >= 0, true, finding.draft);
  of.look(look);
  Draft& draft = finding.draft;
  std::ranges::sort(draft.gpus);
  finding.severity = draft.severity;
  finding.confidence = draft.Confidence();
  const auto since = static_cast<Seconds>(track.since);
  if (draft.onset >= 0) {
    finding.onset = draft.onset;
  } else {
    const bool sure = draft.began >= 0 && draft.began < since;
    finding.onset = sure ? draft.began : since;
    finding.slack = sure ? 60 : 300;
  }
  return finding;
}

void Engine::Evaluate(int r, int subject, Track& track) {
  const Rule& rule = *AllRules()[static_cast<std::size_t>(r)];
  Draft draft{.severity = rule.severity, .base = rule.base};
  Look look(pass_, subject, track.finding >= 0, false, draft);
  rule.look(look);
  const Seconds now = view_.now();
  if (draft.truth == Truth::kUnknown) return;
  if (draft.truth == Truth::kNo) {
    track.since = -1;
    if (track.finding < 0) return;
    if (track.false_since < 0) track.false_since = static_cast<float>(now);
    const bool event = incidents_.findings()[static_cast<std::size_t>(track.finding)].draft.event;
    const Seconds calm = event ? 0 : std::max(kLeastCalm, 2.0 * rule.hold_s);
    if (now - static_cast<Seconds>(track.false_since) < calm) return;
    incidents_.Clear(track.finding, now);
    track = {};
    return;
  }
  track.false_since = -1;
  if (track.since < 0) track.since = static_cast<float>(now);
  if (track.finding >= 0) {
    const bool worse =
        draft.severity > incidents_.findings()[static_cast<std::size_t>(track.finding)].severity;
    if (worse || now - refreshed_ >= kRefresh) {
      incidents_.Update(track.finding, Make(r, subject, track));
    }
    return;
  }
  if (!draft.event && now - static_cast<Seconds>(track.since) < rule.hold_s) return;
  Finding finding = Make(r, subject, track);
  track.finding = static_cast<int>(incidents_.findings().size());
  incidents_.Open(std::move(finding), view_);
}

std::vector<std::string> Engine::NotChecked(std::string_view id) {
  std::vector<std::string> names;
  const auto rules = AllRules();
  for (std::size_t r = 0; r < rules.size(); ++r) {
    if (!id.empty() && rules[r]->id != id) continue;
    const int subjects = SubjectsOf(view_, rules[r]->scope);
    for (int subject = 0; subject < subjects; ++subject) {
      Draft draft;
      Look look(pass_, subject, false, true, draft);
      rules[r]->look(look);
      for (std::string& name : draft.not_checked) {
        if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
      }
    }
  }
  return names;
}

}  // namespace gpud::diagnosis
