// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/incidents.h"

#include <algorithm>

#include "diagnosis/edges.h"

namespace gpud::diagnosis {
namespace {

constexpr Seconds kTogether = 120;  // onsets so near are one event; also how late a cause may come
constexpr Seconds kFresh = 600;     // a cause that is over still explains what lags behind it
constexpr Seconds kReturns = 3600;  // one that comes back within this is the same incident

template <class T>
bool Meet(const std::vector<T>& a, const std::vector<T>& b) {
  return std::ranges::any_of(a, [&](const T& x) { return std::ranges::find(b, x) != b.end(); });
}

bool AreOfOneGroup(const NodeView& node, const Finding& cause, const Finding& effect) {
  for (const int place : effect.draft.who) {
    const ProcessFacts& process = node.processes[static_cast<std::size_t>(place)];
    if (std::ranges::find(cause.draft.devices, process.cgroup) != cause.draft.devices.end()) {
      return true;
    }
  }
  for (const int place : cause.draft.who) {
    const ProcessFacts& process = node.processes[static_cast<std::size_t>(place)];
    if (std::ranges::find(effect.draft.devices, process.cgroup) != effect.draft.devices.end()) {
      return true;
    }
  }
  return false;
}

bool Overlap(Edge::Shared shared, const Finding& cause, const Finding& effect,
             const NodeView& node) {
  switch (shared) {
    case Edge::Shared::kNode:
      return true;
    case Edge::Shared::kGpu:
      return Meet(cause.draft.gpus, effect.draft.gpus);
    case Edge::Shared::kDevice:
      return Meet(cause.draft.devices, effect.draft.devices) ||
             Meet(cause.draft.gpus, effect.draft.gpus);
    case Edge::Shared::kProcess:
      return Meet(cause.draft.who, effect.draft.who) || Meet(cause.draft.gpus, effect.draft.gpus) ||
             AreOfOneGroup(node, cause, effect);
    case Edge::Shared::kMount:
      return std::ranges::any_of(node.facts.mounts, [&](const MountFacts& mount) {
        const bool mine =
            std::ranges::find(effect.draft.devices, mount.path) != effect.draft.devices.end();
        return mine && !mount.nic.empty() &&
               std::ranges::find(cause.draft.devices, mount.nic) != cause.draft.devices.end();
      });
  }
  return false;
}

bool IsNote(const Finding& finding) { return finding.confidence < 0.5; }

}  // namespace

bool Incidents::Explains(const Finding& cause, const Finding& effect, const NodeView& node) const {
  if (IsNote(cause) || cause.severity == Severity::kInfo) return false;
  const Edge* edge = FindEdge(cause.id, effect.id);
  if (!edge) return false;
  if (!edge->late && cause.onset - cause.slack > effect.onset + kTogether) return false;
  return Overlap(edge->shared, cause, effect, node);
}

int Incidents::CauseFor(const Finding& finding, const NodeView& node) const {
  int best = -1;
  double confidence = 0;
  for (std::size_t i = 0; i < findings_.size(); ++i) {
    const Finding& other = findings_[i];
    const bool recent = other.stands() || finding.detected - other.cleared <= kFresh;
    if (!recent || !Explains(other, finding, node)) continue;
    if (other.confidence <= confidence) continue;
    const int incident = incident_of_[i];
    if (incidents_[static_cast<std::size_t>(incident)].folded) continue;
    best = incident;
    confidence = other.confidence;
  }
  return best;
}

/// An open incident of the same diagnosis that began with this one.
int Incidents::Sibling(const Finding& finding) const {
  for (std::size_t i = 0; i < incidents_.size(); ++i) {
    const Incident& incident = incidents_[i];
    if (incident.folded || incident.closed >= 0 || RootOf(incident).id != finding.id) continue;
    for (const int root : incident.roots) {
      const Finding& other = findings_[static_cast<std::size_t>(root)];
      const Seconds apart = std::abs(other.onset - finding.onset);
      const bool alike =
          IsNote(other) == IsNote(finding) &&
          (other.severity == Severity::kInfo) == (finding.severity == Severity::kInfo);
      if (alike && (apart <= kTogether + std::max(other.slack, finding.slack) ||
                    std::abs(other.detected - finding.detected) <= kTogether)) {
        return static_cast<int>(i);
      }
    }
  }
  return -1;
}

/// The incident in which the same finding stood within the last hour.
int Incidents::Returning(const Finding& finding) const {
  for (std::size_t i = findings_.size(); i-- > 0;) {
    const Finding& other = findings_[i];
    if (other.id != finding.id || other.subject != finding.subject || other.rule != finding.rule) {
      continue;
    }
    if (other.stands() || finding.detected - other.cleared > kReturns) return -1;
    return IsNote(other) == IsNote(finding) ? incident_of_[i] : -1;
  }
  return -1;
}

void Incidents::Weigh(Incident& incident) {
  Severity severity = Severity::kInfo;
  for (const int root : incident.roots) {
    severity = std::max(severity, findings_[static_cast<std::size_t>(root)].severity);
  }
  // Three returns are worse than one that stays.
  if (incident.flaps >= 3 && severity > Severity::kInfo && severity < Severity::kFatal) {
    severity = static_cast<Severity>(static_cast<int>(severity) + 1);
  }
  incident.severity = severity;
}

int Incidents::Open(Finding finding, const NodeView& node) {
  const int place = static_cast<int>(findings_.size());
  const int returning = Returning(finding);
  const Seconds now = finding.detected;
  const int cause = CauseFor(finding, node);
  const int sibling = cause < 0 ? Sibling(finding) : -1;
  findings_.push_back(std::move(finding));
  incident_of_.push_back(-1);
  int home = -1;
  if (returning >= 0 && !incidents_[static_cast<std::size_t>(returning)].folded && cause < 0) {
    home = returning;
    Incident& incident = incidents_[static_cast<std::size_t>(home)];
    const bool was_root =
        findings_[static_cast<std::size_t>(incident.roots.front())].id == findings_.back().id;
    if (was_root) {
      if (incident.closed >= 0) ++incident.flaps;
      incident.closed = -1;
      incident.roots.push_back(place);
    } else {
      incident.effects.push_back(place);
    }
  } else if (cause >= 0) {
    home = cause;
    incidents_[static_cast<std::size_t>(home)].effects.push_back(place);
  } else if (sibling >= 0) {
    home = sibling;
    incidents_[static_cast<std::size_t>(home)].roots.push_back(place);
  } else {
    home = static_cast<int>(incidents_.size());
    incidents_.push_back({.id = home + 1, .roots = {place}, .opened = now});
  }
  incident_of_[static_cast<std::size_t>(place)] = home;
  Weigh(incidents_[static_cast<std::size_t>(home)]);
  TakeBelow(place, node);
  return home;
}

// Roots that the new finding explains go below it.
void Incidents::TakeBelow(int finding, const NodeView& node) {
  const Finding& cause = findings_[static_cast<std::size_t>(finding)];
  const int home = incident_of_[static_cast<std::size_t>(finding)];
  for (std::size_t i = 0; i < incidents_.size(); ++i) {
    Incident& other = incidents_[i];
    if (other.folded || static_cast<int>(i) == home) continue;
    const bool recent = other.closed < 0 || cause.detected - other.closed <= kFresh;
    const Finding& root = findings_[static_cast<std::size_t>(other.roots.front())];
    const Edge* edge = FindEdge(cause.id, root.id);
    if (!edge || (!recent && !edge->late)) continue;
    if (!recent && cause.detected - other.closed > kReturns) continue;
    const bool all = std::ranges::all_of(other.roots, [&](int r) {
      return Explains(cause, findings_[static_cast<std::size_t>(r)], node) ||
             !findings_[static_cast<std::size_t>(r)].stands();
    });
    const bool any = std::ranges::any_of(other.roots, [&](int r) {
      return Explains(cause, findings_[static_cast<std::size_t>(r)], node);
    });
    if (!all || !any) continue;
    Incident& mine = incidents_[static_cast<std::size_t>(home)];
    for (const std::vector<int>* list : {&other.roots, &other.effects}) {
      for (const int f : *list) {
        mine.effects.push_back(f);
        incident_of_[static_cast<std::size_t>(f)] = home;
      }
    }
    mine.id = std::min(mine.id, other.id);
    mine.flaps += other.flaps;
    other.folded = true;
  }
}

void Incidents::Update(int finding, Finding now) {
  Finding& old = findings_[static_cast<std::size_t>(finding)];
  now.severity = std::max(now.severity, old.severity);
  if (old.severity == Severity::kInfo || now.severity == Severity::kInfo)
    now.severity = old.severity;
  now.onset = std::min(now.onset, old.onset);
  now.detected = old.detected;
  now.confidence = std::max(now.confidence, old.confidence);
  const auto keep = [](auto& list, const auto& before) {
    for (const auto& item : before) {
      if (std::ranges::find(list, item) == list.end()) list.push_back(item);
    }
  };
  keep(now.draft.gpus, old.draft.gpus);
  keep(now.draft.devices, old.draft.devices);
  keep(now.draft.who, old.draft.who);
  keep(now.draft.words, old.draft.words);
  std::ranges::sort(now.draft.gpus);
  old = std::move(now);
  Weigh(incidents_[static_cast<std::size_t>(incident_of_[static_cast<std::size_t>(finding)])]);
}

void Incidents::Clear(int finding, Seconds now) {
  findings_[static_cast<std::size_t>(finding)].cleared = now;
  Incident& incident =
      incidents_[static_cast<std::size_t>(incident_of_[static_cast<std::size_t>(finding)])];
  const bool over = std::ranges::none_of(
      incident.roots, [&](int root) { return findings_[static_cast<std::size_t>(root)].stands(); });
  if (over && incident.closed < 0) incident.closed = now;
}

double Incidents::ConfidenceOf(const Incident& incident) const {
  double most = 0;
  for (const int root : incident.roots) {
    most = std::max(most, findings_[static_cast<std::size_t>(root)].confidence);
  }
  return most;
}

}  // namespace gpud::diagnosis
