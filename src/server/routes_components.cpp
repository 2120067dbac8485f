// SPDX-License-Identifier: Apache-2.0
// Components: the list, removing one, and checks on demand.
#include <algorithm>

#include "model/json_codec.h"
#include "server/routes_answers.h"
#include "server/routes_parameters.h"
#include "server/routes_table.h"

namespace gpud::server {
namespace {

ComponentDetail Detail(const ComponentStatus& component) {
  ComponentDetail detail{.name = component.name,
                         .supported = component.supported,
                         .reason = component.unsupported_reason,
                         .tags = component.tags,
                         .health = std::nullopt,
                         .since = std::nullopt,
                         .clearable = component.clearable,
                         .deregisterable = component.deregisterable};
  if (component.supported) {
    detail.health = component.health();
    detail.since = component.since;
  }
  return detail;
}

std::vector<std::string> NamesWithTag(const Backend& backend, std::string_view tag) {
  std::vector<std::string> names;
  for (const ComponentStatus& component : backend.Components()) {
    const auto& tags = component.tags;
    if (std::find(tags.begin(), tags.end(), tag) != tags.end()) names.push_back(component.name);
  }
  return names;
}

std::vector<ComponentHealthStates> StatesOf(const Backend& backend,
                                            const std::vector<std::string>& names, bool compat) {
  std::vector<ComponentHealthStates> answer;
  for (const std::string& name : names) {
    const ComponentStatus* component = FindComponent(backend, name);
    if (!component) continue;  // deregistered while it was checked
    if (auto shown = ShownStates(*component, compat)) answer.push_back({name, *std::move(shown)});
  }
  return answer;
}

/// What is absent by design does not fail a tag; what could not be read or judged does.
bool Passed(const Backend& backend, const std::string& name) {
  const ComponentStatus* component = FindComponent(backend, name);
  if (component && !component->supported && component->states.empty()) return true;
  return component && !component->states.empty() && component->health() == Health::kHealthy;
}

}  // namespace

namespace route {

void GetComponents(Context& context, const Request& request, Reply reply) {
  const auto details = SwitchParam(request, "details");
  if (!details) return reply(ErrorAnswer(details.error()));
  std::vector<std::string> names;
  std::vector<ComponentDetail> all;
  for (const ComponentStatus& component : context.backend.Components()) {
    if (*details) {
      all.push_back(Detail(component));
    } else {
      names.push_back(component.name);
    }
  }
  reply(JsonAnswer(*details ? ToJson(all) : ToJson(names)));
}

void Deregister(Context& context, const Request& request, Reply reply) {
  const std::string name(request.Param("componentName"));
  if (name.empty()) return reply(ErrorAnswer(400, "component name is required"));
  const ComponentStatus* component = FindComponent(context.backend, name);
  if (!component) return reply(ErrorAnswer(404, "component not found"));
  if (!component->deregisterable) {
    return reply(ErrorAnswer(400, "component is not deregisterable"));
  }
  if (const auto done = context.backend.Deregister(name, Caller(request.peer)); !done) {
    return reply(ErrorAnswer(500, "failed to deregister component: " + done.error().what));
  }
  reply(JsonAnswer(ToJson(DoneAnswer{200, name, "component deregistered"})));
}

void TriggerCheck(Context& context, const Request& request, Reply reply) {
  const std::string_view name = request.Param("componentName");
  const std::string_view tag = request.Param("tagName");
  if (name.empty() && tag.empty()) {
    return reply(ErrorAnswer(400, "component or tag name is required"));
  }
  const auto compat = SwitchParam(request, "compat");
  if (!compat) return reply(ErrorAnswer(compat.error()));
  std::vector<std::string> names;
  if (name.empty()) {
    names = NamesWithTag(context.backend, tag);
  } else if (FindComponent(context.backend, name)) {
    names.emplace_back(name);
  } else {
    return reply(ErrorAnswer(404, "component not found"));
  }
  if (names.empty()) return reply(JsonAnswer("[]"));
  context.backend.Check(
      names, Caller(request.peer),
      [&backend = context.backend, names, compat = *compat, reply](const Result<void>& done) {
        if (!done) return reply(ErrorAnswer(500, "failed to check: " + done.error().what));
        reply(JsonAnswer(ToJson(StatesOf(backend, names, compat))));
      });
}

void TriggerTag(Context& context, const Request& request, Reply reply) {
  const std::string_view tag = request.Param("tagName");
  if (tag.empty()) {
    // "error" is the original's only member here; code and message are what all other errors have.
    return reply(JsonAnswer(R"({"code":400,"message":"tagName parameter is required",)"
                            R"("error":"tagName parameter is required"})",
                            400));
  }
  std::vector<std::string> names = NamesWithTag(context.backend, tag);
  if (names.empty()) return reply(JsonAnswer(ToJson(TagAnswer{})));
  context.backend.Check(
      names, Caller(request.peer),
      [&backend = context.backend, names, reply](const Result<void>& done) {
        TagAnswer answer{.components = names, .exit = 0, .success = true, .error = {}};
        if (!done) answer.error = done.error().what;
        answer.success =
            done && std::all_of(names.begin(), names.end(),
                                [&](const std::string& name) { return Passed(backend, name); });
        answer.exit = answer.success ? 0 : 1;
        reply(JsonAnswer(ToJson(answer)));
      });
}

void GetPlugins(Context& context, const Request&, Reply reply) {
  reply(JsonAnswer(JsonText(context.backend.PluginSpecs())));
}

void GetPluginHistory(Context& context, const Request& request, Reply reply) {
  const std::string name(request.Param("componentName"));
  if (name.empty()) return reply(ErrorAnswer(400, "component name is required"));
  const auto history = context.backend.PluginHistory(name);
  if (!history) return reply(ErrorAnswer(history.error()));
  reply(JsonAnswer(JsonText(*history)));
}

}  // namespace route
}  // namespace gpud::server
