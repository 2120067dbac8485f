// SPDX-License-Identifier: Apache-2.0
// Monitor: judges. It keeps the latest snapshots and every component's status; no IO, no threads.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "components/component.h"
#include "daemon/event_log.h"
#include "model/status.h"
#include "store/store.h"

namespace gpud::daemon {

/// What a check brought besides the new status.
struct CheckOutcome {
  std::vector<Event> events;  ///< begun or ended; complete, with identity
  std::optional<store::Transition> transition;
};

class Monitor {
 public:
  /// `events` must outlive it.
  Monitor(std::span<const ComponentType* const> components, const Clock& clock,
          const EventLog& events);

  void Put(Snapshot snapshot) { snapshots_.Put(std::move(snapshot)); }
  /// What the daemon itself knows, as checks see it.
  template <class T>
  void PutNow(T value) {
    snapshots_.SetNow(clock_.Boot(), clock_.Wall());
    snapshots_.Put<T>(std::move(value));
  }
  /// What has been read last of everything.
  const Inputs& snapshots() const { return snapshots_; }
  void SetReboots(std::vector<WallTime> newest_first) { reboots_ = std::move(newest_first); }
  void SetCleared(const std::string& component, WallTime time) { cleared_[component] = time; }
  WallTime Cleared(const std::string& component) const;

  /// A component whose reports come from elsewhere (a plugin); it must outlive its stay here.
  void Add(const ComponentType& component, HealthState first, bool on_demand);
  void Remove(std::string_view name);

  /// Judges the component by what has been read; nothing happens until all that it needs has been
  /// read once, well or not, nor to one that was added.
  CheckOutcome Check(const ComponentType& component);
  /// Takes a report as if Check had made it.
  CheckOutcome Take(const ComponentType& component, Report report, const Support& support = {});

  /// Sorted by name.
  const std::vector<ComponentStatus>& statuses() const { return statuses_; }
  const std::vector<const ComponentType*>& components() const { return components_; }
  /// Null when there is none of that name.
  const ComponentType* Find(std::string_view name) const;
  /// Grows with every check.
  std::uint64_t generation() const { return generation_; }

 private:
  Inputs InputsOf(const ComponentType& component) const;
  Report Judge(const ComponentType& component, const Inputs& inputs) const;
  std::size_t PlaceOf(std::string_view name) const;
  void Complete(const ComponentType& component, WallTime now, Report& report) const;

  const Clock& clock_;
  const EventLog& events_;
  std::vector<const ComponentType*> components_;  ///< sorted by name
  std::vector<ComponentStatus> statuses_;         ///< in the same order
  Inputs snapshots_;
  std::vector<WallTime> reboots_;
  std::map<std::string, WallTime> cleared_;
  std::uint64_t generation_ = 0;
};

}  // namespace gpud::daemon
