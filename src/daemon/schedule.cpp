// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedule.h"

#include <algorithm>

namespace gpud::daemon {

Schedule::Schedule(std::span<const ComponentType* const> components, std::chrono::seconds interval,
                   BootTime start) {
  for (const ComponentType* component : components) {
    rows_.push_back({component, interval.count() > 0 ? interval : component->period, start});
  }
}

std::vector<const ComponentType*> Schedule::TakeDue(BootTime now) {
  std::vector<const ComponentType*> due;
  for (Row& row : rows_) {
    if (row.due > now) continue;
    due.push_back(row.component);
    row.due += (1 + (now - row.due) / std::chrono::microseconds(row.period)) * row.period;
  }
  return due;
}

BootTime Schedule::Next() const {
  BootTime next = BootTime::max();
  for (const Row& row : rows_) next = std::min(next, row.due);
  return next;
}

}  // namespace gpud::daemon
