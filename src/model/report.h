// SPDX-License-Identifier: Apache-2.0
// Report: one judgement of one component.
#pragma once

#include <vector>

#include "model/event.h"
#include "model/health.h"
#include "model/metric.h"
#include "platform/result.h"

namespace gpud {

struct Report {
  std::vector<HealthState> states;  ///< at least one
  std::vector<Sample> samples;
  std::vector<Event>
      events;  ///< what this check saw begin or end; the frame sets component, origin
};

/// The report of a component whose source could not be read: Unknown, with the error.
Report Unreadable(std::string_view component, const Error& error);

}  // namespace gpud
