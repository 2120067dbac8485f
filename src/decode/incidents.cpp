// SPDX-License-Identifier: Apache-2.0
#include "decode/incidents.h"

#include <algorithm>
#include <utility>

#include "decode/roots.h"
#include "platform/text.h"

namespace gpud::decode {
namespace {

Occurrence OccurrenceOf(const Incident& incident) {
  return {incident.finding, incident.first.time};
}

}  // namespace

std::uint64_t Incidents::KeyOf(const Found& found, Origin origin) {
  const LineFinding& finding = found.finding;
  std::string key(found.component->name);
  for (const std::string_view part :
       {std::string_view(finding.code), std::string_view(finding.device),
        std::string_view(finding.part), Word(finding.severity), Word(finding.action),
        std::string_view(finding.clears ? "clears" : ""), Word(origin)}) {
    key += '\0';
    key += part;
  }
  return StableHash(key);
}

Incidents::Taken Incidents::Take(Found found, const LineStamp& stamp,
                                 std::vector<Incident>& closed) {
  if (found.finding.code.empty()) {
    const auto last = last_of_.find(found.component);
    const auto open = last == last_of_.end() ? by_id_.end() : by_id_.find(last->second);
    if (open == by_id_.end()) return {};
    open->second->finding.details.merge(found.finding.details);
    return {&*open->second, false};
  }
  const std::uint64_t key = KeyOf(found, stamp.origin);
  // An injection is one act of a person, who waits for its effect.
  const auto known = stamp.origin == Origin::kInjected ? by_key_.end() : by_key_.find(key);
  if (known != by_key_.end() && stamp.time < known->second->first.time + kWindow) {
    Incident& incident = *known->second;
    ++incident.count;
    incident.last = std::max(incident.last, stamp.time);
    last_of_[found.component] = incident.id;
    const bool turned = Turns(found);
    incident.newest = found.finding.message;
    Evidence evidence{stamp, found.component, std::move(found.finding)};
    if (const auto root = by_id_.find(incident.root); root != by_id_.end()) {
      AddEvidence(*root->second, evidence);
    }
    AddEvidence(incident, std::move(evidence));
    return {&incident, false, turned};
  }
  Turns(found);
  if (known != by_key_.end()) Close(known->second, closed);
  if (incidents_.size() >= options_.most_open) Close(incidents_.begin(), closed);
  return Open(std::move(found), stamp, key);
}

// Whether the device goes from faulty to recovered or back.
bool Incidents::Turns(const Found& found) {
  constexpr std::size_t kMostDevices = 1024;
  if (recovered_.size() >= kMostDevices) recovered_.clear();
  const std::uint64_t device =
      StableHash(std::string(found.component->name) + '\0' + found.finding.device);
  const auto [known, fresh] = recovered_.try_emplace(device, found.finding.clears);
  return !fresh && std::exchange(known->second, found.finding.clears) != found.finding.clears;
}

Incidents::Taken Incidents::Open(Found found, const LineStamp& stamp, std::uint64_t key) {
  const auto opened =
      incidents_.insert(incidents_.end(), Incident{.id = next_id_++,
                                                   .key = key,
                                                   .component = found.component,
                                                   .finding = std::move(found.finding),
                                                   .first = stamp,
                                                   .last = stamp.time});
  if (stamp.origin != Origin::kInjected) by_key_[key] = opened;
  by_id_[opened->id] = opened;
  last_of_[found.component] = opened->id;
  FindRoot(*opened);
  return {&*opened, true};
}

void Incidents::FindRoot(Incident& fresh) {
  const Kinship kinship(fresh.finding);
  if (kinship.empty()) return;
  const Occurrence own = OccurrenceOf(fresh);
  // A line that some program wrote must not explain a fault, nor be explained by one.
  const auto kin = [&](const Incident& other) {
    return &other != &fresh && other.first.origin == fresh.first.origin;
  };
  Incident* root = nullptr;
  for (Incident& other : incidents_) {
    if (!kin(other) || !kinship.IsEchoOf(own, OccurrenceOf(other))) continue;
    Incident* candidate = &other;
    if (other.root != 0) {
      const auto above = by_id_.find(other.root);
      if (above == by_id_.end()) continue;  // closed: too long ago
      candidate = &*above->second;
    }
    if (!root || candidate->finding.severity > root->finding.severity) root = candidate;
  }
  if (root && root != &fresh) PutUnder(fresh, *root);
  Incident& top = root ? *root : fresh;
  // The root may be logged after what follows from it.
  for (Incident& other : incidents_) {
    if (kin(other) && other.root == 0 && &other != &top &&
        kinship.IsRootOf(own, OccurrenceOf(other))) {
      PutUnder(other, top);
    }
  }
}

void Incidents::PutUnder(Incident& echo, Incident& root) {
  AddEvidence(root, {echo.first, echo.component, echo.finding});
  // With its own evidence goes that of its echoes, which change their root.
  for (const Evidence& evidence : echo.evidence) AddEvidence(root, evidence);
  for (const Evidence& evidence : echo.last_evidence) AddEvidence(root, evidence);
  root.evidence_left_out += echo.evidence_left_out;
  for (Incident& other : incidents_) {
    if (&other != &echo && other.root != echo.id) continue;
    other.root = root.id;
    other.root_code = std::string(root.finding.family) + '/' + root.finding.code;
    other.root_stamp = root.first;
  }
}

void Incidents::AddEvidence(Incident& incident, Evidence evidence) {
  if (incident.evidence.size() < options_.first_evidence) {
    incident.evidence.push_back(std::move(evidence));
    return;
  }
  if (options_.last_evidence == 0) return;
  incident.last_evidence.push_back(std::move(evidence));
  if (incident.last_evidence.size() > options_.last_evidence) {
    incident.last_evidence.pop_front();
    ++incident.evidence_left_out;
  }
}

void Incidents::CloseOld(WallTime line, std::vector<Incident>& closed) {
  while (!incidents_.empty() && line >= incidents_.front().first.time + kWindow) {
    Close(incidents_.begin(), closed);
  }
}

void Incidents::CloseOld(BootTime now, std::vector<Incident>& closed) {
  while (!incidents_.empty() && now >= incidents_.front().first.read + kWindow) {
    Close(incidents_.begin(), closed);
  }
}

void Incidents::CloseAll(std::vector<Incident>& closed) {
  while (!incidents_.empty()) Close(incidents_.begin(), closed);
}

const Incident* Incidents::Find(std::uint64_t id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &*found->second;
}

void Incidents::Close(List::iterator incident, std::vector<Incident>& closed) {
  const auto known = by_key_.find(incident->key);
  if (known != by_key_.end() && known->second == incident) by_key_.erase(known);
  by_id_.erase(incident->id);
  closed.push_back(std::move(*incident));
  incidents_.erase(incident);
}

}  // namespace gpud::decode
