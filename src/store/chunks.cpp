// SPDX-License-Identifier: Apache-2.0
#include "store/chunks.h"

#include "model/json_codec.h"
#include "store/tables.h"

namespace gpud::store {
namespace {

constexpr std::size_t kMaxSeries = 10'000;
constexpr std::size_t kMaxSealedBytes = 2 << 20;
constexpr std::int64_t kMaxSpanMs = 3'600'000;
constexpr std::size_t kMaxSamples = 1'000;

std::int64_t Millis(WallTime time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

constexpr std::string_view kInsertSeries =
    "INSERT INTO series(component, name, labels) VALUES(?1,?2,?3) ON CONFLICT DO NOTHING";
constexpr std::string_view kInsertChunk =
    "INSERT INTO chunks SELECT id,?4,?5,?6,?7 FROM series"
    " WHERE component=?1 AND name=?2 AND labels=?3 ON CONFLICT DO NOTHING";
constexpr std::string_view kReplaceChunk =
    "INSERT OR REPLACE INTO chunks SELECT id,?4,?5,?6,?7 FROM series"
    " WHERE component=?1 AND name=?2 AND labels=?3";

}  // namespace

void Chunks::Add(WallTime time, const std::string& component, const std::vector<Sample>& samples) {
  const std::int64_t now = Millis(time);
  for (const Sample& sample : samples) {
    SeriesKey key{component, sample.metric, sample.labels.empty() ? "" : ToJson(sample.labels)};
    auto found = open_.find(key);
    // A chunk spans [first, first + 1 h], also when the clock is set: Select relies on it.
    if (found != open_.end() &&
        (now < found->second.first_ms || now > found->second.first_ms + kMaxSpanMs ||
         found->second.samples.count() == kMaxSamples)) {
      auto node = open_.extract(found);
      Seal(node.key(), std::move(node.mapped()));
      found = open_.end();
    }
    if (found == open_.end()) {
      if (open_.size() == kMaxSeries) {
        ++dropped_samples_;
        continue;
      }
      found = open_.emplace(std::move(key), Chunk{.start_ms = now, .first_ms = now, .end_ms = now})
                  .first;
    }
    Chunk& chunk = found->second;
    chunk.samples.Add({now, sample.value});
    chunk.end_ms = std::max(chunk.end_ms, now);
    chunk.dirty = true;
    chunk.idle_flushes = 0;
  }
}

void Chunks::Seal(const SeriesKey& key, Chunk chunk) {
  sealed_bytes_ += chunk.samples.bytes().size();
  sealed_.push_back({key, std::move(chunk)});
  while (sealed_bytes_ > kMaxSealedBytes) {
    sealed_bytes_ -= sealed_.front().chunk.samples.bytes().size();
    dropped_samples_ += sealed_.front().chunk.samples.count();
    sealed_.pop_front();
  }
}

Result<void> Chunks::Flush(Database& database) {
  auto series = database.Prepare(kInsertSeries);
  if (!series) return tl::unexpected<Error>(series.error());
  auto insert = database.Prepare(kInsertChunk);
  if (!insert) return tl::unexpected<Error>(insert.error());
  auto replace = database.Prepare(kReplaceChunk);
  if (!replace) return tl::unexpected<Error>(replace.error());

  const auto write = [&](const SeriesKey& key, Chunk& chunk) -> Result<void> {
    if (auto done = series->Run(key.component, key.name, key.labels); !done) return done;
    // The clock was set back: an older chunk may have this start.
    for (const std::int64_t last = chunk.start_ms + kMaxSpanMs; chunk.start_ms < last;
         ++chunk.start_ms) {
      const auto done =
          (chunk.on_disk ? replace : insert)
              ->Run(key.component, key.name, key.labels, chunk.start_ms, chunk.end_ms,
                    static_cast<std::int64_t>(chunk.samples.count()), Blob{chunk.samples.bytes()});
      if (!done || database.changes() > 0) return done;
    }
    return tl::unexpected<Error>(CorruptError("no place for a chunk"));
  };
  for (auto& [key, chunk] : sealed_) {
    if (auto done = write(key, chunk); !done) return done;
  }
  for (auto& [key, chunk] : open_) {
    if (!chunk.dirty) continue;
    if (auto done = write(key, chunk); !done) return done;
  }
  return {};
}

void Chunks::Flushed() {
  sealed_.clear();
  sealed_bytes_ = 0;
  for (auto item = open_.begin(); item != open_.end();) {
    Chunk& chunk = item->second;
    chunk.on_disk = true;
    chunk.dirty = false;
    item = ++chunk.idle_flushes > 2 ? open_.erase(item) : std::next(item);
  }
}

namespace {

/// Collects the points of all series, thinned to one a step.
class Collector {
 public:
  explicit Collector(const MetricQuery& query)
      : query_(query),
        since_ms_(Millis(query.since)),
        step_ms_(std::chrono::ceil<std::chrono::milliseconds>(query.resolution).count()) {}

  bool Wants(const std::string& component) const {
    return query_.components.empty() ||
           std::find(query_.components.begin(), query_.components.end(), component) !=
               query_.components.end();
  }
  void Add(const SeriesKey& key, std::string_view samples, std::size_t count) {
    // A chunk that a flipped bit has made unreadable is left out: quick_check cannot see it, and
    // it is no reason to set all events aside.
    const auto points = DecodeChunk(samples, count);
    if (!points) return;
    auto& into = series_[key];
    for (const Point& point : *points) {
      if (point.time_ms < since_ms_) continue;
      // The last of a step wins.
      const std::int64_t step = step_ms_ > 0 ? Floor(point.time_ms) : point.time_ms;
      const auto [at, is_new] = into.try_emplace(step, point);
      if (is_new) {
        ++size_;
      } else if (point.time_ms >= at->second.time_ms) {
        at->second = point;
      }
    }
  }
  bool TooMany() const { return size_ > kMaxAnswer; }

  std::vector<ComponentMetrics> Take() {
    std::map<std::string, std::vector<const Series::value_type*>> components;
    for (const auto& item : series_) {
      if (!item.second.empty()) components[item.first.component].push_back(&item);
    }
    std::vector<ComponentMetrics> answer;
    for (const auto& [component, all] : components) {
      ComponentMetrics& out = answer.emplace_back(ComponentMetrics{component, {}});
      for (const auto* item : all) {
        const Labels labels = ReadTexts(item->first.labels);
        for (const auto& [step, point] : item->second) {
          out.metrics.push_back({point.time_ms, item->first.name, labels, point.value});
        }
      }
      std::sort(out.metrics.begin(), out.metrics.end(), [](const Metric& a, const Metric& b) {
        return std::tie(a.unix_seconds, a.name, a.labels) <
               std::tie(b.unix_seconds, b.name, b.labels);
      });
    }
    return answer;
  }

  static constexpr std::size_t kMaxAnswer = 250'000;

 private:
  using Series = std::map<SeriesKey, std::map<std::int64_t, Point>>;

  std::int64_t Floor(std::int64_t time_ms) const {
    const std::int64_t rest = time_ms % step_ms_;
    return time_ms - (rest < 0 ? rest + step_ms_ : rest);
  }

  const MetricQuery& query_;
  std::int64_t since_ms_, step_ms_;
  Series series_;
  std::size_t size_ = 0;
};

}  // namespace

Result<std::vector<ComponentMetrics>> Chunks::Select(Database* database,
                                                     const MetricQuery& query) const {
  Collector collector(query);
  if (database) {
    auto select = database->Prepare(
        "SELECT s.component, s.name, s.labels, c.count, c.samples FROM series s CROSS JOIN chunks c"
        " ON c.series=s.id AND c.start_ms>=?1 WHERE c.end_ms>=?2");
    if (!select) return tl::unexpected<Error>(select.error());
    const std::int64_t since_ms = Millis(query.since);
    select->Bind(since_ms - 2 * kMaxSpanMs, since_ms);
    while (!collector.TooMany()) {
      const auto row = select->Step();
      if (!row) return tl::unexpected<Error>(row.error());
      if (!*row) break;
      const SeriesKey key{std::string(select->Text(0)), std::string(select->Text(1)),
                          std::string(select->Text(2))};
      if (!collector.Wants(key.component)) continue;
      collector.Add(key, select->Text(4), static_cast<std::size_t>(select->Integer(3)));
    }
  }
  for (const auto& [key, chunk] : sealed_) {
    if (collector.Wants(key.component)) {
      collector.Add(key, chunk.samples.bytes(), chunk.samples.count());
    }
  }
  for (const auto& [key, chunk] : open_) {
    if (collector.Wants(key.component)) {
      collector.Add(key, chunk.samples.bytes(), chunk.samples.count());
    }
  }
  if (collector.TooMany()) {
    return Fail(ErrorCode::kUnsupported,
                "more than " + std::to_string(Collector::kMaxAnswer) +
                    " samples: ask for fewer components, a later start or a longer resolution");
  }
  return collector.Take();
}

}  // namespace gpud::store
