// SPDX-License-Identifier: Apache-2.0
#include "server/health_answer.h"

#include <algorithm>

namespace gpud::server {
namespace {

struct Advice {
  std::string_view tenant, operators;
};

/// In the order of RepairAction.
constexpr Advice kByAction[] = {
    {"Nothing to do.", "Nothing to do."},
    {"Save your work and move it to another node: this one needs a reboot.",
     "Drain the node, then reboot it."},
    {"Move your work to another node: hardware of this one needs an inspection.",
     "Drain the node and have its hardware inspected."},
    {"Check your program first: the fault most likely comes from it.",
     "Nothing to mend, unless the same comes back with other programs."},
};
static_assert(std::size(kByAction) == std::size(EnumWords<RepairAction>::kWords));

/// In the order of Health: for states that suggest no action.
constexpr Advice kByHealth[] = {
    {"Nothing to do.", "Nothing to do."},
    {"Work may go on, with less performance or reserve.",
     "Look into it before it gets worse: gpud status, gpud events."},
    {"Start no new work here.", "Drain the node and find the cause: gpud status, gpud events."},
    {"Wait: the first check has not ended.", "Wait: the first check has not ended."},
    {"Start no new work here until it can be judged.",
     "Find out why it cannot be read: gpud status names the source and its error."},
};
static_assert(std::size(kByHealth) == std::size(EnumWords<Health>::kWords));

/// What decides about one component; null before its first check.
const HealthState* DecidingState(const ComponentStatus& component) {
  const auto lighter = [](const HealthState& a, const HealthState& b) {
    return SpeaksMoreAgainstWork(b.health.value_or(Health::kHealthy),
                                 a.health.value_or(Health::kHealthy));
  };
  const auto state = std::max_element(component.states.begin(), component.states.end(), lighter);
  return state == component.states.end() ? nullptr : &*state;
}

std::string Sentence(std::string text) {
  if (text.front() >= 'a' && text.front() <= 'z') {
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  }
  if (text.back() != '.') text += '.';
  return text;
}

NextStep StepFor(Health health, const HealthState* state) {
  const auto& actions = state ? state->suggested_actions : std::nullopt;
  const bool has_action = actions && !actions->repair_actions.empty();
  const Advice& advice = has_action
                             ? kByAction[static_cast<std::size_t>(actions->repair_actions.front())]
                             : kByHealth[static_cast<std::size_t>(health)];
  NextStep step{std::string(advice.tenant), std::string(advice.operators)};
  // The component knows better than the wire's word.
  if (actions && !actions->description.empty()) step.operators = Sentence(actions->description);
  return step;
}

std::optional<std::int64_t> EvidenceAge(const ComponentStatus& component, WallTime now) {
  std::optional<std::int64_t> oldest;
  for (const HealthState& state : component.states) {
    if (state.health == Health::kInitializing || state.time == WallTime{}) continue;
    const std::int64_t age =
        std::max<std::int64_t>(0, Seconds(now - state.time)) + state.age_seconds.value_or(0);
    oldest = std::max(oldest.value_or(0), age);
  }
  return oldest;
}

std::string ReasonText(const HealthAnswer& answer, std::size_t judged, const HealthState* decider) {
  if (judged == 0) return "there is nothing to judge yet";
  if (judged == 1 && decider) {
    return decider->error.empty() ? decider->reason : decider->reason + ": " + decider->error;
  }
  if (answer.components.empty()) return "all " + std::to_string(judged) + " components are healthy";
  std::string text = std::to_string(answer.components.size()) + " of " + std::to_string(judged) +
                     " components are not healthy: ";
  for (std::size_t i = 0; i < answer.components.size(); ++i) {
    const HealthProblem& problem = answer.components[i];
    if (i > 0) text += "; ";
    text += problem.name + ": " + (problem.reason.empty() ? problem.error : problem.reason);
  }
  return text;
}

}  // namespace

HealthAnswer AnswerHealth(const std::vector<const ComponentStatus*>& components, std::string name,
                          WallTime now) {
  HealthAnswer answer;
  answer.name = std::move(name);
  const HealthState* decider = nullptr;
  std::size_t judged = 0;
  for (const ComponentStatus* component : components) {
    if (!component->supported) continue;
    const HealthState* state = DecidingState(*component);
    const Health health = state ? state->health.value_or(Health::kHealthy) : Health::kInitializing;
    // What waits until somebody asks for it says nothing about the machine.
    if (component->on_demand && health == Health::kInitializing && components.size() > 1) continue;
    // Since when it is so: of several that are equally bad the first that became so, of a machine
    // that is all well the last that became well.
    if (judged++ == 0 || SpeaksMoreAgainstWork(health, answer.health)) {
      answer.health = health;
      answer.since = component->since;
      decider = state;
    } else if (health == answer.health) {
      answer.since = health == Health::kHealthy ? std::max(answer.since, component->since)
                                                : std::min(answer.since, component->since);
    }
    if (const auto age = EvidenceAge(*component, now)) {
      answer.evidence_age_seconds = std::max(answer.evidence_age_seconds.value_or(0), *age);
    }
    if (health != Health::kHealthy) {
      answer.components.push_back({.name = component->name,
                                   .health = health,
                                   .reason = state ? state->reason : "not checked yet",
                                   .error = state ? state->error : "",
                                   .since = component->since});
    }
  }
  answer.ok = !SpeaksMoreAgainstWork(answer.health, Health::kDegraded);
  answer.reason = ReasonText(answer, judged, decider);
  answer.next_step = StepFor(answer.health, decider);
  return answer;
}

}  // namespace gpud::server
