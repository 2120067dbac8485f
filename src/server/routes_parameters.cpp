// SPDX-License-Identifier: Apache-2.0
#include "server/routes_parameters.h"

#include <algorithm>

#include "platform/text.h"
#include "platform/time_text.h"

namespace gpud::server {
namespace {

using std::chrono::seconds;

constexpr std::chrono::microseconds kLongest = std::chrono::hours(24 * 365 * 100);
constexpr std::int64_t kFirstSecond = -62'135'596'800;  // year 1, as RFC 3339 can say it
constexpr std::int64_t kLastSecond = 253'402'300'799;   // year 9999

Result<WallTime> TimeParam(const Request& request, std::string_view name, WallTime fallback) {
  const std::string_view text = request.Param(name);
  if (text.empty()) return fallback;
  const auto unix_seconds = ParseNumber<std::int64_t>(text);
  if (unix_seconds && *unix_seconds >= kFirstSecond && *unix_seconds <= kLastSecond) {
    return WallTime(seconds(*unix_seconds));
  }
  if (auto time = ParseRfc3339(text)) return *time;
  return Fail(ErrorCode::kParse,
              "failed to parse time: " + std::string(name) + '=' + std::string(text) +
                  " is neither Unix seconds nor RFC 3339 (2026-03-01T08:00:00Z)");
}

/// The last moment that is in the same whole second.
WallTime EndOfSecond(WallTime time) {
  return std::chrono::floor<seconds>(time) + seconds(1) - std::chrono::microseconds(1);
}

}  // namespace

const ComponentStatus* FindComponent(const Backend& backend, std::string_view name) {
  const auto& all = backend.Components();
  const auto found = std::lower_bound(all.begin(), all.end(), name,
                                      [](const auto& a, std::string_view b) { return a.name < b; });
  return found != all.end() && found->name == name ? &*found : nullptr;
}

Result<std::vector<const ComponentStatus*>> Select(const Backend& backend, const Request& request,
                                                   std::string_view context) {
  const auto& all = backend.Components();
  std::vector<const ComponentStatus*> selected;
  const std::string_view names = request.Param("components");
  if (names.empty()) {
    for (const ComponentStatus& component : all) selected.push_back(&component);
    return selected;
  }
  for (const std::string_view name : Split(names, ',')) {
    const ComponentStatus* component = FindComponent(backend, name);
    if (!component) {
      return Fail(ErrorCode::kNotFound, std::string(context) + "component " + std::string(name) +
                                            " not found (not found)");
    }
    selected.push_back(component);
  }
  const std::size_t most = 2 * all.size() + 8;
  if (selected.size() > most) {
    return Fail(ErrorCode::kParse, "components repeats names: at most " + std::to_string(most) +
                                       " may be given, each is needed once");
  }
  return selected;
}

std::vector<std::string> SupportedNames(const std::vector<const ComponentStatus*>& selected) {
  std::vector<std::string> names;
  for (const ComponentStatus* component : selected) {
    if (component->supported) names.push_back(component->name);
  }
  return names;
}

store::EventQuery Period::Query(std::vector<std::string> components) const {
  store::EventQuery query;
  query.components = std::move(components);
  query.after = EndOfSecond(start);
  if (has_end) query.until = EndOfSecond(end);
  return query;
}

Result<Period> PeriodOf(const Request& request, WallTime now) {
  const auto start = TimeParam(request, "startTime", now);
  if (!start) return tl::unexpected<Error>(start.error());
  const auto end = TimeParam(request, "endTime", now);
  if (!end) return tl::unexpected<Error>(end.error());
  return Period{.start = *start, .end = *end, .has_end = !request.Param("endTime").empty()};
}

Result<std::chrono::microseconds> DurationParam(const Request& request, std::string_view name,
                                                std::chrono::microseconds fallback) {
  const std::string_view text = request.Param(name);
  if (text.empty()) return fallback;
  auto duration = ParseDuration(text);
  if (!duration) {
    return Pass(std::move(duration), "failed to parse duration: " + std::string(name));
  }
  return std::clamp(*duration, -kLongest, kLongest);
}

Result<std::chrono::microseconds> ResolutionParam(const Request& request) {
  if (request.Param("resolution") == "full") return std::chrono::microseconds(0);
  auto step = DurationParam(request, "resolution", seconds(60));
  if (step && step->count() < 0) {
    return Fail(ErrorCode::kParse,
                "failed to parse duration: resolution must be positive, or 0 or full for all");
  }
  return step;
}

Result<bool> SwitchParam(const Request& request, std::string_view name) {
  const std::string word = ToLower(request.Param(name));
  if (word == "1" || word == "t" || word == "true") return true;
  if (word.empty() || word == "0" || word == "f" || word == "false") return false;
  return Fail(ErrorCode::kParse,
              std::string(name) + '=' + word + " is no switch: give true or false");
}

}  // namespace gpud::server
