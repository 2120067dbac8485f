// SPDX-License-Identifier: Apache-2.0
#include "daemon/monitor.h"

#include <algorithm>
#include <exception>

#include "store/identity.h"

namespace gpud::daemon {
namespace {

bool IsWrong(Health health) {
  return health != Health::kHealthy && health != Health::kInitializing;
}

/// Before the first check.
ComponentStatus StatusOf(const ComponentType& component, WallTime now) {
  ComponentStatus status;
  status.name = component.name;
  status.tags.assign(component.tags.begin(), component.tags.end());
  status.clearable = component.clearable;
  status.since = now;
  status.metrics = component.metrics;
  status.states.push_back({.time = now,
                           .component = status.name,
                           .name = status.name,
                           .health = Health::kInitializing,
                           .reason = "not checked yet"});
  return status;
}

}  // namespace

Monitor::Monitor(std::span<const ComponentType* const> components, const Clock& clock,
                 const EventLog& events)
    : clock_(clock), events_(events), components_(components.begin(), components.end()) {
  std::sort(components_.begin(), components_.end(),
            [](const auto* a, const auto* b) { return a->name < b->name; });
  const WallTime now = clock_.Wall();
  for (const ComponentType* component : components_) {
    statuses_.push_back(StatusOf(*component, now));
  }
}

std::size_t Monitor::PlaceOf(std::string_view name) const {
  const auto at = std::lower_bound(
      components_.begin(), components_.end(), name,
      [](const ComponentType* component, std::string_view n) { return component->name < n; });
  return static_cast<std::size_t>(at - components_.begin());
}

const ComponentType* Monitor::Find(std::string_view name) const {
  const std::size_t place = PlaceOf(name);
  return place < components_.size() && components_[place]->name == name ? components_[place]
                                                                        : nullptr;
}

void Monitor::Add(const ComponentType& component, HealthState first, bool on_demand) {
  const auto place = static_cast<std::ptrdiff_t>(PlaceOf(component.name));
  ComponentStatus status = StatusOf(component, clock_.Wall());
  status.deregisterable = true;
  status.on_demand = on_demand;
  first.time = status.since;
  first.component = component.name;
  status.states = {std::move(first)};
  components_.insert(components_.begin() + place, &component);
  statuses_.insert(statuses_.begin() + place, std::move(status));
  ++generation_;
}

void Monitor::Remove(std::string_view name) {
  if (!Find(name)) return;
  const auto place = static_cast<std::ptrdiff_t>(PlaceOf(name));
  components_.erase(components_.begin() + place);
  statuses_.erase(statuses_.begin() + place);
  ++generation_;
}

WallTime Monitor::Cleared(const std::string& component) const {
  const auto found = cleared_.find(component);
  return found == cleared_.end() ? WallTime{} : found->second;
}

Inputs Monitor::InputsOf(const ComponentType& component) const {
  Inputs inputs = snapshots_;
  inputs.SetNow(clock_.Boot(), clock_.Wall());
  const std::string name(component.name);
  const WallTime cleared = Cleared(name);
  inputs.SetHistory(events_.Acting(name, cleared), reboots_, cleared);
  return inputs;
}

Report Monitor::Judge(const ComponentType& component, const Inputs& inputs) const {
  Report report;
  try {
    report = component.check(inputs);
  } catch (const std::exception& bug) {  // a bug in a check must not end the daemon
    report = Unreadable(component.name,
                        {ErrorCode::kInternal, std::string("bug in the check: ") + bug.what(), 0});
  } catch (...) {
    report = Unreadable(component.name, {ErrorCode::kInternal, "bug in the check", 0});
  }
  if (report.states.empty()) {
    report = Unreadable(component.name, {ErrorCode::kInternal, "the check gave no state", 0});
  }
  return report;
}

void Monitor::Complete(const ComponentType& component, WallTime now, Report& report) const {
  std::optional<std::int64_t> age;  // of the oldest reading that it needs and could not be renewed
  for (const SourceType* source : component.needs) {
    const auto good = snapshots_.LastGood(source->snapshot);
    const Snapshot* latest = snapshots_.Find(source->snapshot);
    if (!good || !latest || source->snapshot->good(latest->result.get())) continue;
    age = std::max(age.value_or(0), Seconds(clock_.Boot() - *good));
  }
  for (HealthState& state : report.states) {
    if (state.time == WallTime{}) state.time = now;
    state.component = component.name;
    if (state.health == Health::kUnknown && !state.age_seconds) state.age_seconds = age;
  }
  for (Event& event : report.events) {
    event.component = component.name;
    event.origin = Origin::kGpud;
    if (event.time == WallTime{}) event.time = now;
    if (event.identity.empty()) event.identity = store::OwnIdentity(event);
  }
}

CheckOutcome Monitor::Check(const ComponentType& component) {
  if (!component.check) return {};
  for (const SourceType* source : component.needs) {
    if (!snapshots_.Find(source->snapshot)) return {};
  }
  const Inputs inputs = InputsOf(component);
  const Support support = component.supported(inputs);
  return Take(component, Judge(component, inputs), support);
}

CheckOutcome Monitor::Take(const ComponentType& component, Report report, const Support& support) {
  const auto at = std::find(components_.begin(), components_.end(), &component);
  ComponentStatus& status = statuses_.at(static_cast<std::size_t>(at - components_.begin()));
  const WallTime now = clock_.Wall();
  Complete(component, now, report);

  CheckOutcome outcome;
  const Health before = status.health();
  const bool was_supported = status.supported;
  status.supported = support.supported;
  status.unsupported_reason = support.reason;
  status.states = std::move(report.states);
  status.samples = support.supported ? std::move(report.samples) : std::vector<Sample>();
  const Health after = status.health();
  if (after != before) {
    status.since = now;
    // A part that comes or goes has changed its health only if something is, or was, wrong with it.
    const bool changed =
        support.supported ? was_supported || IsWrong(after) : was_supported && IsWrong(before);
    if (changed) {
      const auto worst =
          std::find_if(status.states.begin(), status.states.end(),
                       [&](const HealthState& state) { return state.health == after; });
      outcome.transition =
          store::Transition{now, status.name, std::string(Word(before)), std::string(Word(after)),
                            worst == status.states.end() ? "" : worst->reason};
    }
  }
  if (support.supported) outcome.events = std::move(report.events);
  ++generation_;
  return outcome;
}

}  // namespace gpud::daemon
