// SPDX-License-Identifier: Apache-2.0
#include "lanes/fold.h"

#include <algorithm>

#include "platform/text.h"
#include "platform/time_text.h"

namespace gpud::lanes {

void Fold::Take(Event event, std::uint64_t sequence, BootTime now, std::vector<Event>& out) {
  const std::uint64_t key =
      StableHash(event.component + '\0' + event.name + '\0' + event.message + '\0');
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    Open& open = *found->second;
    if (open.origin == event.origin && event.time >= open.first &&
        event.time < open.first + kWindow) {
      ++open.repeats;
      open.last = std::make_unique<Event>(std::move(event));
      return;
    }
    Close(found->second, out);
  }
  if (windows_.size() >= kMostOpen) Close(windows_.begin(), out);
  windows_.push_back({.key = key,
                      .origin = event.origin,
                      .first = event.time,
                      .opened = now,
                      .sequence = sequence,
                      .identity = event.identity});
  by_key_[key] = std::prev(windows_.end());
  out.push_back(std::move(event));
}

void Fold::CloseOld(std::optional<WallTime> line_time, BootTime now, std::vector<Event>& out) {
  while (!windows_.empty()) {
    const Open& oldest = windows_.front();
    const bool over =
        now >= oldest.opened + kWindow || (line_time && *line_time >= oldest.first + kWindow);
    if (!over) return;
    Close(windows_.begin(), out);
  }
}

void Fold::CloseAll(std::vector<Event>& out) {
  while (!windows_.empty()) Close(windows_.begin(), out);
}

void Fold::Close(Windows::iterator window, std::vector<Event>& out) {
  if (window->repeats > 0) {
    Event event = std::move(*window->last);
    event.message += " (repeated " + std::to_string(window->repeats) +
                     (window->repeats == 1 ? " more time" : " more times") + " until " +
                     Rfc3339Seconds(event.time) + ")";
    event.extra_info["repeats"] = std::to_string(window->repeats);
    event.identity = "r:" + window->identity;
    out.push_back(std::move(event));
  }
  by_key_.erase(window->key);
  windows_.erase(window);
}

const Fold::Open* Fold::FirstUntold() const {
  const auto found = std::find_if(windows_.begin(), windows_.end(),
                                  [](const Open& open) { return open.repeats > 0; });
  return found == windows_.end() ? nullptr : &*found;
}

std::optional<BootTime> Fold::due() const {
  const Open* open = FirstUntold();
  if (!open) return std::nullopt;
  return open->opened + kWindow;
}

std::optional<std::uint64_t> Fold::untold_since() const {
  const Open* open = FirstUntold();
  if (!open) return std::nullopt;
  return open->sequence;
}

}  // namespace gpud::lanes
