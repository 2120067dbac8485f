// SPDX-License-Identifier: Apache-2.0
// Parameters that several routes share: components, times, durations, switches. Errors name the
// parameter and say what it may be.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/backend.h"
#include "server/http.h"

namespace gpud::server {

/// The component of a name, or null.
const ComponentStatus* FindComponent(const Backend& backend, std::string_view name);

/// The components that `components=a,b` names, in that order and as often; all when it is absent.
/// The pointers hold until the loop goes on. Errors: kNotFound with the first unknown name, behind
/// `context`; kParse when names are repeated so often that the answer would have no bound.
Result<std::vector<const ComponentStatus*>> Select(
    const Backend& backend, const Request& request,
    std::string_view context = "component not found: ");
/// Of those the supported, as names: what is asked of the store.
std::vector<std::string> SupportedNames(const std::vector<const ComponentStatus*>& selected);

/// A span of time in whole seconds, as events are compared: after `start`, not after `end`.
struct Period {
  WallTime start{}, end{};
  bool has_end = false;  ///< asked for; else `end` is now, for the answer alone

  store::EventQuery Query(std::vector<std::string> components) const;
};
/// startTime and endTime: Unix seconds or RFC 3339, each `now` when absent. Error: kParse.
Result<Period> PeriodOf(const Request& request, WallTime now);

/// A Go duration; 100 years at most. Error: kParse.
Result<std::chrono::microseconds> DurationParam(const Request& request, std::string_view name,
                                                std::chrono::microseconds fallback);
/// resolution: a step, or "full" or "0" for every sample; 60 s when absent. Error: kParse.
Result<std::chrono::microseconds> ResolutionParam(const Request& request);
/// 1, t, true, 0, f, false in any of Go's spellings; false when absent. Error: kParse.
Result<bool> SwitchParam(const Request& request, std::string_view name);

}  // namespace gpud::server
