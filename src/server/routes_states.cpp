// SPDX-License-Identifier: Apache-2.0
// How things are now, from memory: health states, the scheduler's answer, the machine.
#include "model/json_codec.h"
#include "server/health_answer.h"
#include "server/routes_answers.h"
#include "server/routes_parameters.h"
#include "server/routes_table.h"

namespace gpud::server {
namespace {

std::string StatesBody(const std::vector<const ComponentStatus*>& selected, bool compat) {
  std::optional<std::vector<ComponentHealthStates>> answer;
  for (const ComponentStatus* component : selected) {
    auto shown = component->supported ? ShownStates(*component, compat) : std::nullopt;
    if (!shown) continue;
    if (!answer) answer.emplace();
    answer->push_back({component->name, *std::move(shown)});
  }
  return ToJson(answer);
}

bool IsGpuName(std::string_view name) {
  return name.starts_with("gpu") && ParseNumber<unsigned>(name.substr(3)).has_value();
}

}  // namespace

std::optional<std::vector<HealthState>> ShownStates(const ComponentStatus& component, bool compat) {
  if (!compat) return component.states;
  std::vector<HealthState> known;
  for (const HealthState& state : component.states) {
    if (state.health != Health::kUnknown && state.health != Health::kInitializing) {
      known.push_back(state);
    }
  }
  if (known.empty()) return std::nullopt;
  return known;
}

namespace route {

void GetHealthz(Context& context, const Request&, Reply reply) {
  if (!context.backend.Ready()) {
    return reply(ErrorAnswer(503, "starting: the init plugins have not ended yet, ask again soon"));
  }
  reply(JsonAnswer(ToJson(Healthz{})));
}

void GetMachineInfo(Context& context, const Request&, Reply reply) {
  reply(JsonAnswer(ToJson(context.backend.Machine())));
}

void GetStates(Context& context, const Request& request, Reply reply) {
  const auto selected = Select(context.backend, request);
  if (!selected) return reply(ErrorAnswer(selected.error()));
  const auto compat = SwitchParam(request, "compat");
  if (!compat) return reply(ErrorAnswer(compat.error()));
  if (*compat || !request.Param("components").empty()) {
    return reply(JsonAnswer(StatesBody(*selected, *compat)));
  }
  auto& cache = context.states;
  if (!cache.filled || cache.generation != context.backend.Generation()) {
    cache = {true, context.backend.Generation(), StatesBody(*selected, false)};
  }
  reply(JsonAnswer(cache.body));
}

void GetHealth(Context& context, const Request& request, Reply reply) {
  constexpr std::string_view kPrefix = "/v1/health/";
  const std::string_view path = request.path;
  const std::string_view name =
      path.starts_with(kPrefix) ? path.substr(kPrefix.size()) : request.Param("name");
  std::vector<const ComponentStatus*> judged;
  if (name.empty()) {
    for (const ComponentStatus& component : context.backend.Components()) {
      judged.push_back(&component);
    }
  } else if (const ComponentStatus* component = FindComponent(context.backend, name)) {
    if (!component->supported) {
      return reply(ErrorAnswer(404, "component " + component->name + " is not supported on this " +
                                        "machine: " + component->unsupported_reason));
    }
    judged.push_back(component);
  } else if (IsGpuName(name)) {
    return reply(ErrorAnswer(404, std::string(name) + " not found: GPUs are not judged one by " +
                                      "one yet; ask for a component (GET /v1/components lists " +
                                      "them), or without a name for the whole machine"));
  } else {
    return reply(ErrorAnswer(
        404, "component not found: component " + std::string(name) + " not found (not found)"));
  }
  HealthAnswer answer =
      AnswerHealth(judged, name.empty() ? context.backend.Machine().hostname : std::string(name),
                   context.backend.Now());
  answer.simulated = context.backend.Machine().simulated;
  reply(JsonAnswer(ToJson(answer), answer.ok ? 200 : 503));
}

void GetFindings(Context& context, const Request&, Reply reply) {
  reply(JsonAnswer(ToJson(context.backend.Findings())));
}

void GetPrometheus(Context& context, const Request&, Reply reply) {
  auto& cache = context.metrics;
  auto own = context.backend.OwnMetrics();
  const auto equal = [](const auto& a, const auto& b) {
    return a.first.name == b.first.name && a.second == b.second;
  };
  if (!cache.filled || cache.generation != context.backend.Generation() ||
      !std::equal(own.begin(), own.end(), cache.own.begin(), cache.own.end(), equal)) {
    std::string body =
        prometheus::Text(context.backend.Components(), own, context.backend.OtherMetrics());
    cache = {true, context.backend.Generation(), std::move(own), std::move(body)};
  }
  Response response = JsonAnswer(cache.body);
  response.content_type = prometheus::kContentType;
  reply(std::move(response));
}

}  // namespace route
}  // namespace gpud::server
