// SPDX-License-Identifier: Apache-2.0
#include "cli/event_view.h"

#include <algorithm>

#include "cli/table.h"
#include "platform/time_text.h"

namespace gpud::cli {

Colour ColourOf(EventType type) {
  if (type == EventType::kCritical || type == EventType::kFatal) return Colour::kRed;
  return type == EventType::kWarning ? Colour::kYellow : Colour::kNone;
}

std::vector<EventView> ViewsOf(const std::vector<Event>& events, std::size_t most) {
  std::vector<EventView> views;
  for (std::size_t i = 0; i < std::min(most, events.size()); ++i) views.push_back({events[i]});
  return views;
}

std::string EventText(const std::vector<EventView>& events, WallTime now,
                      const Terminal& terminal) {
  Table table({"TIME", "AGE", "TYPE", "COMPONENT", "NAME", "MESSAGE"});
  for (const EventView& event : events) {
    table.Add({Rfc3339Seconds(event.time),
               AgeText(now - event.time),
               {std::string(Word(event.type)), ColourOf(event.type)},
               event.component,
               event.name,
               event.message});
  }
  return table.empty() ? std::string() : table.Text(terminal);
}

}  // namespace gpud::cli
