// SPDX-License-Identifier: Apache-2.0
#include "decode/incident_events.h"

#include <algorithm>

#include "platform/time_text.h"

namespace gpud::decode {
namespace {

std::string_view Suffix(Origin origin) {
  switch (origin) {
    case Origin::kGpud:
    case Origin::kKernel:
      break;
    case Origin::kInjected:
      return kInjectedMark;
    case Origin::kUserSpace:
      return " [written by a program, not the kernel]";
  }
  return "";
}

}  // namespace

Event EventOf(const Incident& incident) {
  Event event = ToEvent(incident.finding);
  event.component = incident.component->name;
  event.time = incident.last;
  event.origin = incident.first.origin;
  event.identity = incident.first.identity;
  auto& facts = event.extra_info;
  if (incident.first.origin != Origin::kKernel) facts["origin"] = Word(incident.first.origin);
  if (incident.first.sequence) {
    facts["kmsg_sequence"] = std::to_string(*incident.first.sequence);
  }
  if (incident.first.approximate) facts["time"] = "approximate";
  if (!incident.root_code.empty()) facts.emplace(kFactRoot, incident.root_code);
  if (incident.count > 1) {
    facts.emplace(kFactCount, std::to_string(incident.count));
    facts.emplace(kFactFirst, Rfc3339Micros(incident.first.time));
    event.message = incident.newest + " (" + std::to_string(incident.count) + " times since " +
                    Rfc3339Seconds(incident.first.time) + ")";
  }
  event.message += Suffix(incident.first.origin);
  return event;
}

void IncidentEvents::Tell(const Incident& incident, bool again, std::vector<Event>& events) {
  events.push_back(EventOf(incident));
  events.back().again = again;
  untold_.erase(incident.id);
}

// The first repeats are told at once, as long as they are no storm; then now and then.
bool IncidentEvents::WorthTellingNow(Told& told, BootTime now) {
  if (const auto more = (now - refilled_) / kOneMore; more > 0) {
    left_ = static_cast<int>(std::min<std::int64_t>(kMostOfAll, left_ + more));
    refilled_ = now;
  }
  if (left_ == 0 || told.at_once >= kMostAtOnce || now < told.at + kLeastPause) return false;
  --left_;
  ++told.at_once;
  return true;
}

void IncidentEvents::TellClosed(std::vector<Incident>& closed, std::vector<Event>& events) {
  for (const Incident& incident : closed) {
    if (untold_.count(incident.id) > 0) Tell(incident, true, events);
    told_.erase(incident.id);
  }
  closed.clear();
}

void IncidentEvents::Take(std::vector<Found>& found, const LineStamp& stamp,
                          std::vector<Event>& events) {
  const BootTime now = stamp.read;
  incidents_.CloseOld(stamp.time, closed_);
  TellClosed(closed_, events);
  for (std::size_t i = 0; i < found.size(); ++i) {
    // A line may say several things; each is an event of its own.
    LineStamp own = stamp;
    if (i > 0 && !own.identity.empty()) own.identity += ':' + std::to_string(i);
    const auto taken = incidents_.Take(std::move(found[i]), own, closed_);
    TellClosed(closed_, events);
    if (!taken.incident) continue;
    const Incident& incident = *taken.incident;
    if (taken.fresh && complete_) complete_(taken.incident->finding, own);
    Told& told = told_[incident.id];
    if (taken.fresh || taken.turned || WorthTellingNow(told, now)) {
      Tell(incident, !taken.fresh, events);
      told.at = now;
      continue;
    }
    const auto [waiting, first] = untold_.try_emplace(incident.id);
    if (!first) continue;
    waiting->second = {
        .due = std::max(now + kFirstDelay, told.at_once < kMostAtOnce ? now : told.at + kDelay),
        .sequence = stamp.sequence};
  }
}

void IncidentEvents::TellDue(BootTime now, std::vector<Event>& events) {
  incidents_.CloseOld(now, closed_);
  TellClosed(closed_, events);
  for (auto waiting = untold_.begin(); waiting != untold_.end();) {
    const auto each = waiting++;
    if (each->second.due > now) continue;
    if (const Incident* incident = incidents_.Find(each->first)) {
      told_[incident->id].at = now;
      Tell(*incident, true, events);
    } else {
      untold_.erase(each);
    }
  }
}

void IncidentEvents::TellAll(std::vector<Event>& events) {
  incidents_.CloseAll(closed_);
  TellClosed(closed_, events);
}

std::optional<BootTime> IncidentEvents::due() const {
  std::optional<BootTime> first;
  for (const auto& [id, untold] : untold_) {
    if (!first || untold.due < *first) first = untold.due;
  }
  return first;
}

std::optional<std::uint64_t> IncidentEvents::untold_since() const {
  std::optional<std::uint64_t> first;
  for (const auto& [id, untold] : untold_) {
    if (untold.sequence && (!first || *untold.sequence < *first)) first = untold.sequence;
  }
  return first;
}

}  // namespace gpud::decode
