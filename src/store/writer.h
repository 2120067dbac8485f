// SPDX-License-Identifier: Apache-2.0
// Writer: the store's thread side. Owns the database; what cannot be written waits in memory, and
// is tried again.
#pragma once

#include <deque>
#include <optional>

#include "store/chunks.h"
#include "store/sqlite.h"
#include "store/store.h"

namespace gpud::store {

/// A batch on its way, and whom to tell.
struct Write {
  std::vector<Event> events;
  Metadata metadata;
  std::vector<Transition> transitions;
  Done<std::size_t> done;
  std::optional<BootTime> give_up;
  std::size_t bytes = 0;  ///< about what it takes in memory
};

/// What waits at the most, in the writer and once more on the way to it.
constexpr std::size_t kMaxWaitingEvents = 10'000;
constexpr std::size_t kMaxWaitingBytes = 4 << 20;

class Writer {
 public:
  /// `clock` is read on the writer's thread.
  Writer(Options options, const Clock& clock);

  void Add(Write write);
  void Add(WallTime time, const std::string& component, const std::vector<Sample>& samples) {
    chunks_.Add(time, component, samples);
  }
  void CountDropped(std::uint64_t events) { condition_.dropped_events += events; }

  /// Opens the database, writes what waits, keeps house: each when it is time to. `all`: now, with
  /// the open chunks.
  void Work(bool all = false);
  /// When Work has something to do even if nothing is added.
  BootTime NextWake() const;
  const Condition& condition() const { return condition_; }

  // Each works first, so that it sees all that was added before; what waits is part of the answer.
  Result<std::vector<Event>> Events(EventQuery query);
  Result<std::vector<Transition>> Transitions(EventQuery query);
  Result<std::vector<ComponentMetrics>> Metrics(MetricQuery query);
  Result<Metadata> AllMetadata();
  Result<void> Compact();

 private:
  Result<void> Open();
  Result<void> WriteWaiting();
  Result<void> KeepHouse();
  Result<void> WriteAll(bool house);
  void Trim();
  void GiveUp(BootTime now);
  void Suffer(const Error& error, BootTime now);
  /// `read(Database*)`, null when there is none. A file that reading finds damaged is set aside,
  /// and the fresh one read.
  template <class ReadFrom>
  auto Read(ReadFrom&& read) -> decltype(read(nullptr));

  Options options_;
  const Clock& clock_;
  std::string path_;
  std::optional<Database> database_;
  bool damaged_ = false;  ///< must be set aside before it is opened again
  Chunks chunks_;
  std::deque<Write> waiting_;
  std::size_t waiting_bytes_ = 0;
  BootTime next_house_;
  BootTime retry_at_{};
  std::chrono::seconds pause_{0};  ///< between two attempts
  Condition condition_;
};

}  // namespace gpud::store
