// SPDX-License-Identifier: Apache-2.0
// Schedule: which components are due when. All start together and keep multiples of their periods,
// so that components that share a source are due at the same tick and it is read once for them.
#pragma once

#include <chrono>
#include <span>
#include <vector>

#include "components/component.h"

namespace gpud::daemon {

class Schedule {
 public:
  /// `interval`: every component's period; zero = each its own.
  Schedule(std::span<const ComponentType* const> components, std::chrono::seconds interval,
           BootTime start);

  /// The components that are due at `now`, each once however late it is; their next turn is the
  /// first multiple of the period after `now`.
  std::vector<const ComponentType*> TakeDue(BootTime now);
  /// When the next one is due.
  BootTime Next() const;

 private:
  struct Row {
    const ComponentType* component;
    std::chrono::seconds period;
    BootTime due;
  };
  std::vector<Row> rows_;
};

}  // namespace gpud::daemon
