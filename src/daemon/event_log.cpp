// SPDX-License-Identifier: Apache-2.0
#include "daemon/event_log.h"

#include <algorithm>

namespace gpud::daemon {
namespace {

bool Selected(const std::vector<std::string>& names, const std::string& name) {
  return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

bool EventLog::Add(Event event) {
  Bucket& bucket = buckets_[event.component];
  const auto known =
      std::find_if(bucket.events.begin(), bucket.events.end(),
                   [&](const Event& other) { return other.identity == event.identity; });
  if (known != bucket.events.end()) {
    if (!event.again) return false;
    bucket.events.erase(known);  // it comes back with its new time
  }
  const auto at = std::find_if(bucket.events.begin(), bucket.events.end(),
                               [&](const Event& other) { return other.time <= event.time; });
  bucket.events.insert(at, std::move(event));
  if (bucket.events.size() > most_per_component_) {
    bucket.dropped_until = std::max(bucket.dropped_until, bucket.events.back().time);
    bucket.events.pop_back();
  }
  return true;
}

std::vector<Event> EventLog::Acting(const std::string& component, WallTime cleared) const {
  std::vector<Event> acting;
  const auto found = buckets_.find(component);
  if (found == buckets_.end()) return acting;
  for (const Event& event : found->second.events) {
    if (event.time <= cleared) break;
    if (event.origin != Origin::kUserSpace) acting.push_back(event);
  }
  return acting;
}

bool EventLog::Covers(const store::EventQuery& query) const {
  if (query.after < complete_since_) return false;
  return std::all_of(buckets_.begin(), buckets_.end(), [&](const auto& bucket) {
    return !Selected(query.components, bucket.first) || bucket.second.dropped_until <= query.after;
  });
}

std::vector<Event> EventLog::Query(const store::EventQuery& query) const {
  std::vector<Event> events;
  for (const auto& [component, bucket] : buckets_) {
    if (!Selected(query.components, component)) continue;
    for (const Event& event : bucket.events) {
      if (event.time <= query.after) break;
      if (!query.until || event.time <= *query.until) events.push_back(event);
    }
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const Event& a, const Event& b) { return a.time > b.time; });
  if (events.size() > query.limit) events.resize(query.limit);
  return events;
}

}  // namespace gpud::daemon
