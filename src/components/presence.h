// SPDX-License-Identifier: Apache-2.0
// For components of what need not be there: the reading that says so.
#pragma once

#include <string_view>

#include "components/component.h"
#include "components/findings.h"

namespace gpud {

/// Supported unless the reading is not to be had on this machine by design; its error says why.
template <class T>
Support SupportBy(const Result<T>& reading) {
  if (reading || !AbsentByDesign(reading.error())) return {};
  return {.supported = false, .reason = reading.error().what};
}

/// The report when the main reading failed: Healthy, with why, where it is absent by design, else
/// Unknown.
inline Report WithoutReading(std::string_view component, const Error& error) {
  if (!AbsentByDesign(error)) return Unreadable(component, error);
  return {.states = {{.name = std::string(component), .reason = error.what}}};
}

}  // namespace gpud
