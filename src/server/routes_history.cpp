// SPDX-License-Identifier: Apache-2.0
// What happened and what was measured: events, transitions, metrics, and info, which is all of it.
#include <map>

#include "model/json_codec.h"
#include "server/routes_answers.h"
#include "server/routes_parameters.h"
#include "server/routes_table.h"

namespace gpud::server {
namespace {

constexpr std::chrono::microseconds kDefaultSince = std::chrono::minutes(30);
constexpr std::size_t kMostTransitions = 10'000;

using EventsByComponent = std::map<std::string, std::vector<Event>, std::less<>>;

/// Keeps the order within a component.
EventsByComponent Group(std::vector<Event> events) {
  EventsByComponent groups;
  for (Event& event : events) groups[event.component].push_back(std::move(event));
  return groups;
}

/// Without what the v1 format does not have.
std::vector<Event> Plain(std::vector<Event> events) {
  for (Event& event : events) event.extra_info.clear();
  return events;
}

std::vector<DetailedEvent> Detailed(const std::vector<Event>& events) {
  std::vector<DetailedEvent> detailed;
  detailed.reserve(events.size());
  for (const Event& event : events) detailed.push_back({event});
  return detailed;
}

/// Of whom events are asked for.
struct Subject {
  std::string name;
  bool supported = true;
};

/// One entry for each subject, also when it is named twice; none for a component that is not
/// supported and has no events. (It may have some: a GPU that is gone, a line that a program
/// wrote.)
template <class AnyEvent, class Shape>
std::string EventsBody(const std::vector<Subject>& subjects, const Period& period,
                       const EventsByComponent& groups, Shape shape) {
  std::optional<std::vector<ComponentEvents<AnyEvent>>> answer;
  for (const Subject& subject : subjects) {
    const auto group = groups.find(subject.name);
    if (!subject.supported && group == groups.end()) continue;
    if (!answer) answer.emplace();
    auto& entry = answer->emplace_back();
    entry.component = subject.name;
    entry.startTime = Rfc3339Micros(period.start);
    entry.endTime = Rfc3339Micros(period.end);
    if (group != groups.end()) entry.events = shape(group->second);
  }
  return ToJson(answer);
}

/// What GET /v1/info gathers on its way.
struct InfoWork {
  std::vector<std::string> names;
  Period period;
  bool compat = false;
  EventsByComponent events;
  std::vector<store::ComponentMetrics> metrics;
};

std::string InfoBody(const Backend& backend, const InfoWork& work) {
  std::optional<std::vector<ComponentInfo>> answer;
  for (const std::string& name : work.names) {
    const ComponentStatus* component = FindComponent(backend, name);
    if (!component) continue;  // deregistered in the meantime
    if (!answer) answer.emplace();
    ComponentInfo& entry = answer->emplace_back();
    entry.component = name;
    entry.startTime = Rfc3339Micros(work.period.start);
    entry.endTime = Rfc3339Micros(work.period.end);
    entry.info.states = ShownStates(*component, work.compat);
    if (const auto found = work.events.find(name); found != work.events.end()) {
      entry.info.events = Plain(found->second);
    }
    for (const store::ComponentMetrics& group : work.metrics) {
      if (group.component == name) entry.info.metrics = group.metrics;
    }
  }
  return ToJson(answer);
}

}  // namespace

namespace route {

void GetEvents(Context& context, const Request& request, Reply reply) {
  const auto period = PeriodOf(request, context.backend.Now());
  if (!period) return reply(ErrorAnswer(period.error()));
  const auto details = SwitchParam(request, "details");
  if (!details) return reply(ErrorAnswer(details.error()));
  const auto selected = Select(context.backend, request);
  if (!selected) return reply(ErrorAnswer(selected.error()));
  std::vector<std::string> names;
  std::vector<Subject> subjects;
  for (const ComponentStatus* component : *selected) {
    names.push_back(component->name);
    subjects.push_back({component->name, component->supported});
  }
  if (names.empty()) return reply(JsonAnswer("null"));
  context.backend.QueryEvents(
      period->Query(std::move(names)),
      [subjects = std::move(subjects), period = *period, details = *details,
       reply](Result<std::vector<Event>> events) {
        if (!events) {
          return reply(ErrorAnswer(500, "failed to read events: " + events.error().what));
        }
        const EventsByComponent groups = Group(*std::move(events));
        reply(JsonAnswer(details ? EventsBody<DetailedEvent>(subjects, period, groups, Detailed)
                                 : EventsBody<Event>(subjects, period, groups, Plain)));
      });
}

void GetTransitions(Context& context, const Request& request, Reply reply) {
  // Without startTime all that is kept: unlike events there are few, and "now" would show none.
  auto period = PeriodOf(request, context.backend.Now());
  if (!period) return reply(ErrorAnswer(period.error()));
  const auto selected = Select(context.backend, request);
  if (!selected) return reply(ErrorAnswer(selected.error()));
  store::EventQuery query = period->Query({});
  if (request.Param("startTime").empty()) query.after = {};
  if (!request.Param("components").empty()) {
    for (const ComponentStatus* component : *selected) query.components.push_back(component->name);
  }
  query.limit = kMostTransitions;
  context.backend.QueryTransitions(
      std::move(query), [reply](const Result<std::vector<store::Transition>>& transitions) {
        if (!transitions) {
          return reply(ErrorAnswer(500, "failed to read transitions: " + transitions.error().what));
        }
        reply(JsonAnswer(ToJson(*transitions)));
      });
}

void GetMetrics(Context& context, const Request& request, Reply reply) {
  const auto since = DurationParam(request, "since", kDefaultSince);
  if (!since) return reply(ErrorAnswer(since.error()));
  const auto resolution = ResolutionParam(request);
  if (!resolution) return reply(ErrorAnswer(resolution.error()));
  const auto selected = Select(context.backend, request);
  if (!selected) return reply(ErrorAnswer(selected.error()));
  store::MetricQuery query{
      .components = {}, .since = context.backend.Now() - *since, .resolution = *resolution};
  if (!request.Param("components").empty()) {
    for (const ComponentStatus* component : *selected) query.components.push_back(component->name);
  }
  context.backend.QueryMetrics(
      std::move(query), [reply](const Result<std::vector<store::ComponentMetrics>>& metrics) {
        if (!metrics) {
          return reply(ErrorAnswer(500, "failed to read metrics: " + metrics.error().what));
        }
        reply(JsonAnswer(ToJson(*metrics)));
      });
}

void GetInfo(Context& context, const Request& request, Reply reply) {
  const auto period = PeriodOf(request, context.backend.Now());
  if (!period) return reply(ErrorAnswer(period.error()));
  const auto since = DurationParam(request, "since", kDefaultSince);
  if (!since) return reply(ErrorAnswer(since.error()));
  const auto resolution = ResolutionParam(request);
  if (!resolution) return reply(ErrorAnswer(resolution.error()));
  const auto compat = SwitchParam(request, "compat");
  if (!compat) return reply(ErrorAnswer(compat.error()));
  const auto selected = Select(context.backend, request);
  if (!selected) return reply(ErrorAnswer(selected.error()));

  InfoWork work{.names = SupportedNames(*selected),
                .period = *period,
                .compat = *compat,
                .events = {},
                .metrics = {}};
  if (work.names.empty()) return reply(JsonAnswer("null"));
  store::EventQuery events_query = period->Query(work.names);
  store::MetricQuery metrics_query{
      .components = work.names, .since = period->start - *since, .resolution = *resolution};
  // A part that cannot be read is null, as in the original: the rest of the answer is still worth
  // having, and /v1/events and /v1/metrics say what is wrong.
  context.backend.QueryEvents(
      std::move(events_query), [&backend = context.backend, work = std::move(work), metrics_query,
                                reply](Result<std::vector<Event>> events) mutable {
        if (events) work.events = Group(*std::move(events));
        backend.QueryMetrics(std::move(metrics_query),
                             [&backend, work = std::move(work),
                              reply](Result<std::vector<store::ComponentMetrics>> metrics) mutable {
                               if (metrics) work.metrics = *std::move(metrics);
                               reply(JsonAnswer(InfoBody(backend, work)));
                             });
      });
}

}  // namespace route
}  // namespace gpud::server
