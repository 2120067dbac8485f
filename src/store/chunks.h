// SPDX-License-Identifier: Apache-2.0
// Chunks: the samples of all series, compressed; the youngest in memory, the rest in the database.
#pragma once

#include <compare>
#include <deque>

#include "store/gorilla.h"
#include "store/sqlite.h"
#include "store/store.h"

namespace gpud::store {

struct SeriesKey {
  std::string component, name;
  std::string labels;  ///< as JSON, sorted by key

  auto operator<=>(const SeriesKey&) const = default;
};

/// A series has one open chunk, which is sealed (gets no more samples) after an hour. Flush writes
/// open ones too, over their older form, so that a kill costs no more than the time since.
class Chunks {
 public:
  /// Samples beyond 10,000 series, and the oldest sealed chunks beyond 2 MiB, are dropped.
  void Add(WallTime time, const std::string& component, const std::vector<Sample>& samples);
  std::uint64_t dropped_samples() const { return dropped_samples_; }

  /// Writes what is not on disk yet. To be called in a transaction; when that is committed, Flushed
  /// forgets what needs no memory any more: sealed chunks, and open ones that got no sample for two
  /// flushes (their series has vanished).
  Result<void> Flush(Database& database);
  void Flushed();

  /// `database` may be null: then what memory has. By component name; the times of a series are
  /// distinct and ascend. Error: kUnsupported when it would be more than 250,000 samples.
  Result<std::vector<ComponentMetrics>> Select(Database* database, const MetricQuery& query) const;

 private:
  struct Chunk {
    std::int64_t start_ms = 0;  ///< key in the database: the first time, or as near as is free
    std::int64_t first_ms = 0, end_ms = 0;
    ChunkEncoder samples;
    bool dirty = true;
    bool on_disk = false;
    int idle_flushes = 0;
  };
  struct Sealed {
    SeriesKey key;
    Chunk chunk;
  };

  void Seal(const SeriesKey& key, Chunk chunk);

  std::map<SeriesKey, Chunk> open_;
  std::deque<Sealed> sealed_;
  std::size_t sealed_bytes_ = 0;
  std::uint64_t dropped_samples_ = 0;
};

}  // namespace gpud::store
