// SPDX-License-Identifier: Apache-2.0
// Store: what happened. One SQLite file, one thread that writes and reads it; the loop hands over
// values and gets answers by post, and never waits.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/event.h"
#include "model/metric.h"
#include "model/status.h"
#include "platform/clock.h"
#include "platform/result.h"

namespace gpud::store {

using Post = std::function<void(std::function<void()>)>;
template <class T>
using Done = std::function<void(Result<T>)>;
using Metadata = std::map<std::string, std::string>;

struct Options {
  std::string directory;   ///< of gpud.db; must exist
  bool in_memory = false;  ///< `--db-in-memory`: nothing is kept
  std::chrono::microseconds events_retention = std::chrono::hours(14 * 24);
  std::chrono::microseconds metrics_retention = std::chrono::hours(72);
};

/// What is written in one transaction.
struct Batch {
  std::vector<Event>
      events;         ///< one whose (component, identity) is stored already is left as it is
  Metadata metadata;  ///< upserts; an empty value deletes the key
};

/// A change of a component's health.
struct Transition {
  WallTime time{};
  std::string component;
  std::string from, to;  ///< words of Health
  std::string reason;

  static constexpr auto Fields() {
    using T = Transition;
    return std::tuple{Field{"time", &T::time}, Field{"component", &T::component},
                      Field{"from", &T::from}, Field{"to", &T::to}, Field{"reason", &T::reason}};
  }
};

struct EventQuery {
  std::vector<std::string> components;  ///< empty = all
  WallTime after{};                     ///< strictly newer
  std::optional<WallTime> until;        ///< not newer than
  std::size_t limit = 100'000;
};

struct MetricQuery {
  std::vector<std::string> components;  ///< empty = all
  WallTime since{};                     ///< not older than
  /// The last sample of each step of a series; zero = every sample.
  std::chrono::microseconds resolution = std::chrono::seconds(60);
};

struct ComponentMetrics {
  std::string component;
  std::vector<Metric> metrics;  ///< ascending time, then name, then labels

  static constexpr auto Fields() {
    return std::tuple{Field{"component", &ComponentMetrics::component},
                      Field{"metrics", &ComponentMetrics::metrics}};
  }
};

/// The store's own condition, as of its last action.
struct Condition {
  bool ready = false;                 ///< opened (also when it had to start afresh)
  bool writable = true;               ///< false: the disk is full or broken, batches wait in memory
  std::string problem;                ///< why not writable
  std::uint64_t size_bytes = 0;       ///< of the database file
  std::uint64_t waiting_events = 0;   ///< not yet committed
  std::uint64_t dropped_events = 0;   ///< the bounded waiting queue overflowed
  std::uint64_t dropped_samples = 0;  ///< beyond 10,000 series, or 2 MiB that wait for the disk
  std::string set_aside;  ///< where a corrupt file went since the start; empty when it was good
};

/// All methods may be called from the loop's thread only; `done` runs there too (through `post`).
/// Order is kept: a query sees every batch that was put before it.
class Store {
 public:
  /// Never blocks: the store's thread opens the file. `clock` is read there, too.
  Store(Options options, const Clock& clock, Post post);
  /// Writes what can be written, then closes. No `done` runs afterwards.
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// `done(n)`: committed with synchronous=FULL, n of the events were new. While the disk is full
  /// the batch waits in memory (bounded) and `done` is called when it is written at last; with
  /// `give_up_after`, `done` gets an error by then (the batch still waits).
  void Put(Batch batch, Done<std::size_t> done = {},
           std::optional<std::chrono::milliseconds> give_up_after = {});
  /// Samples of one component at one time; compressed in memory, on disk within minutes.
  void PutSamples(WallTime time, const std::string& component, const std::vector<Sample>& samples);
  void PutTransition(Transition transition);

  /// Newest first.
  void QueryEvents(EventQuery query, Done<std::vector<Event>> done);
  /// By component name.
  void QueryMetrics(MetricQuery query, Done<std::vector<ComponentMetrics>> done);
  /// Newest first.
  void QueryTransitions(EventQuery query, Done<std::vector<Transition>> done);
  void QueryMetadata(Done<Metadata> done);
  /// VACUUM. Error: kIo.
  void Compact(Done<void> done);

  const Condition& condition() const;
  /// Called on the loop whenever the condition changes (not for size alone).
  void OnCondition(std::function<void(const Condition&)> call);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gpud::store
