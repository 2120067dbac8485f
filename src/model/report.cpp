// SPDX-License-Identifier: Apache-2.0
#include "model/report.h"

namespace gpud {

Report Unreadable(std::string_view component, const Error& error) {
  Report report;
  report.states.push_back({.name = std::string(component),
                           .health = Health::kUnknown,
                           .reason = "could not be read",
                           .error = error.what});
  return report;
}

}  // namespace gpud
