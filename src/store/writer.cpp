// SPDX-License-Identifier: Apache-2.0
#include "store/writer.h"

#include <algorithm>
#include <set>

#include "store/file.h"
#include "store/identity.h"
#include "store/import.h"
#include "store/tables.h"

namespace gpud::store {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// A kill costs no more than the samples of this time.
constexpr minutes kHousePeriod{5};
// The first time soon, or a daemon that is restarted every few minutes would never purge.
constexpr minutes kFirstHouse{1};
constexpr seconds kFirstPause{1}, kLongestPause{30};
// Free pages that stay in the file for what comes next, and how many go at one time.
constexpr std::int64_t kSparePages = 64, kMostPagesAtOnce = 2'560;

// Events of one transaction.
constexpr std::uint64_t kBurst = 64;

bool Asked(const EventQuery& query, const std::string& component, WallTime time) {
  return time > query.after && (!query.until || time <= *query.until) &&
         (query.components.empty() || std::find(query.components.begin(), query.components.end(),
                                                component) != query.components.end());
}

template <class T>
void NewestFirst(std::vector<T>& items, std::size_t limit) {
  std::stable_sort(items.begin(), items.end(),
                   [](const T& a, const T& b) { return a.time > b.time; });
  if (items.size() > limit) items.resize(limit);
}

}  // namespace

Writer::Writer(Options options, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      path_(options_.in_memory ? ":memory:" : options_.directory + "/gpud.db"),
      next_house_(clock.Boot() + kFirstHouse) {}

void Writer::Add(Write write) {
  condition_.waiting_events += write.events.size();
  waiting_bytes_ += write.bytes;
  waiting_.push_back(std::move(write));
}

void Writer::Trim() {
  while (waiting_.size() > 1 &&
         (condition_.waiting_events > kMaxWaitingEvents || waiting_bytes_ > kMaxWaitingBytes)) {
    Write oldest = std::move(waiting_.front());
    waiting_.pop_front();
    condition_.waiting_events -= oldest.events.size();
    condition_.dropped_events += oldest.events.size();
    waiting_bytes_ -= oldest.bytes;
    // Metadata is small and says how things are now: it goes on with the next batch.
    waiting_.front().metadata.merge(oldest.metadata);
    if (oldest.done) oldest.done(Fail(ErrorCode::kIo, "dropped: too much waits for the disk"));
  }
}

Result<void> Writer::Open() {
  if (database_ && !damaged_ && !database_->Moved()) return {};
  database_.reset();
  Result<Database> opened = tl::unexpected<Error>(CorruptError(path_));
  if (!damaged_) opened = OpenFile(path_);
  if (!opened && IsCorrupt(opened.error())) {
    if (!options_.in_memory) {
      auto aside = SetAside(path_, clock_.Wall());
      if (!aside) return tl::unexpected<Error>(aside.error());
      condition_.set_aside = *aside;
    }
    damaged_ = false;
    opened = OpenFile(path_);
  }
  if (!opened) return tl::unexpected<Error>(opened.error());
  database_ = std::move(*opened);
  if (options_.in_memory) return {};
  const WallTime now = clock_.Wall();
  // What fails here (a full disk) is tried again at the next opening; it must not stop the rest.
  (void)ImportOriginal(*database_, options_.directory, now, now - options_.events_retention);
  return {};
}

Result<void> Writer::WriteWaiting() {
  if (waiting_.empty()) return {};
  std::vector<std::size_t> added;
  const auto done = InTransaction(*database_, [&]() -> Result<void> {
    for (const Write& write : waiting_) {
      auto count = InsertEvents(*database_, write.events);
      if (!count) return tl::unexpected<Error>(count.error());
      added.push_back(*count);
      if (auto set = UpsertMetadata(*database_, write.metadata); !set) return set;
      if (auto put = InsertTransitions(*database_, write.transitions); !put) return put;
    }
    return {};
  });
  if (!done) return done;
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    if (waiting_[i].done) waiting_[i].done(added[i]);
  }
  // What many rows took of the page cache is not worth to be kept until the next burst.
  if (condition_.waiting_events >= kBurst) (void)database_->Run("PRAGMA shrink_memory");
  waiting_.clear();
  waiting_bytes_ = 0;
  condition_.waiting_events = 0;
  return {};
}

Result<void> Writer::KeepHouse() {
  // Samples and purges may be lost in a power cut: not worth a wait for the disk.
  if (auto set = database_->Run("PRAGMA synchronous=NORMAL"); !set) return set;
  const WallTime now = clock_.Wall();
  const auto done = InTransaction(*database_, [&]() -> Result<void> {
    if (auto flushed = chunks_.Flush(*database_); !flushed) return flushed;
    return Purge(*database_, now - options_.events_retention, now - options_.metrics_retention);
  });
  if (auto set = database_->Run("PRAGMA synchronous=FULL"); !set) return set;
  if (!done) return done;
  chunks_.Flushed();

  const auto free_pages = database_->Number("PRAGMA freelist_count");
  if (!free_pages) return tl::unexpected<Error>(free_pages.error());
  if (*free_pages <= kSparePages) return {};
  const auto count = std::min(*free_pages - kSparePages, kMostPagesAtOnce);
  return database_->Run("PRAGMA incremental_vacuum(" + std::to_string(count) + ")");
}

Result<void> Writer::WriteAll(bool house) {
  if (auto open = Open(); !open) return open;
  if (auto written = WriteWaiting(); !written) return written;
  if (house) {
    if (auto kept = KeepHouse(); !kept) return kept;
    next_house_ = clock_.Boot() + kHousePeriod;
  }
  const auto size =
      database_->Number("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size");
  if (!size) return tl::unexpected<Error>(size.error());
  condition_.size_bytes = static_cast<std::uint64_t>(*size);
  return {};
}

void Writer::Work(bool all) {
  const BootTime now = clock_.Boot();
  const bool house = all || now >= next_house_;
  const bool idle = waiting_.empty() && !house && database_ && condition_.writable;
  if (!idle && (all || now >= retry_at_)) {
    auto done = WriteAll(house);
    if (!done && IsCorrupt(done.error())) {
      damaged_ = true;
      done = WriteAll(house);
    }
    if (done) {
      condition_.writable = true;
      condition_.problem.clear();
      pause_ = seconds(0);
      retry_at_ = BootTime{};
    } else {
      Suffer(done.error(), now);
    }
    condition_.ready = true;
  }
  Trim();
  GiveUp(now);
  condition_.dropped_samples = chunks_.dropped_samples();
}

void Writer::Suffer(const Error& error, BootTime now) {
  condition_.writable = false;
  condition_.problem = error.what;
  pause_ = std::clamp(pause_ * 2, kFirstPause, kLongestPause);
  retry_at_ = now + pause_;
  // A full disk leaves SQLite whole, and what is stored can be read on. After any other error the
  // file is opened anew.
  if (!IsFull(error)) database_.reset();
}

void Writer::GiveUp(BootTime now) {
  for (Write& write : waiting_) {
    if (!write.done || !write.give_up || now < *write.give_up) continue;
    write.done(Fail(ErrorCode::kIo, "not on disk yet, waits in memory: " + condition_.problem));
    write.done = {};
  }
}

BootTime Writer::NextWake() const {
  BootTime wake = condition_.writable ? next_house_ : retry_at_;
  for (const Write& write : waiting_) {
    if (write.done && write.give_up) wake = std::min(wake, *write.give_up);
  }
  return wake;
}

template <class ReadFrom>
auto Writer::Read(ReadFrom&& read) -> decltype(read(nullptr)) {
  Work();
  auto answer = read(database_ ? &*database_ : nullptr);
  if (answer || !IsCorrupt(answer.error())) return answer;
  damaged_ = true;
  if (auto opened = Open(); !opened) Suffer(opened.error(), clock_.Boot());
  return read(database_ ? &*database_ : nullptr);
}

Result<std::vector<Event>> Writer::Events(EventQuery query) {
  query.after = std::max(query.after, clock_.Wall() - options_.events_retention);
  auto events = Read([&](Database* database) -> Result<std::vector<Event>> {
    return database ? SelectEvents(*database, query) : std::vector<Event>{};
  });
  if (!events || waiting_.empty()) return events;

  std::set<std::pair<std::string, std::string>> known;
  for (const Event& event : *events) known.emplace(event.component, event.identity);
  for (const Write& write : waiting_) {
    for (const Event& event : write.events) {
      if (Asked(query, event.component, event.time) &&
          known.emplace(event.component, event.identity).second) {
        events->push_back(event);
      }
    }
  }
  NewestFirst(*events, query.limit);
  return events;
}

Result<std::vector<Transition>> Writer::Transitions(EventQuery query) {
  query.after = std::max(query.after, clock_.Wall() - options_.events_retention);
  auto transitions = Read([&](Database* database) -> Result<std::vector<Transition>> {
    return database ? SelectTransitions(*database, query) : std::vector<Transition>{};
  });
  if (!transitions) return transitions;
  for (const Write& write : waiting_) {
    for (const Transition& transition : write.transitions) {
      if (Asked(query, transition.component, transition.time)) transitions->push_back(transition);
    }
  }
  NewestFirst(*transitions, query.limit);
  return transitions;
}

Result<std::vector<ComponentMetrics>> Writer::Metrics(MetricQuery query) {
  query.since = std::max(query.since, clock_.Wall() - options_.metrics_retention);
  return Read([&](Database* database) { return chunks_.Select(database, query); });
}

Result<Metadata> Writer::AllMetadata() {
  auto metadata = Read([&](Database* database) -> Result<Metadata> {
    return database ? SelectMetadata(*database) : Metadata{};
  });
  if (!metadata) return metadata;
  for (const Write& write : waiting_) {
    for (const auto& [key, value] : write.metadata) {
      if (value.empty()) {
        metadata->erase(key);
      } else {
        (*metadata)[key] = value;
      }
    }
  }
  return metadata;
}

Result<void> Writer::Compact() {
  Work(true);
  if (!condition_.writable) return Fail(ErrorCode::kIo, condition_.problem);
  auto done = Read([](Database* database) -> Result<void> {
    if (!database) return Fail(ErrorCode::kIo, "not open");
    // VACUUM builds a second database, of the size of the first: not in memory.
    auto vacuumed = database->Run("PRAGMA temp_store=FILE");
    if (vacuumed) vacuumed = database->Run("VACUUM");
    auto restored = database->Run("PRAGMA temp_store=MEMORY");
    if (!vacuumed) return vacuumed;
    if (!restored) return restored;
    return database->Run("PRAGMA wal_checkpoint(TRUNCATE)");
  });
  if (!done) return Pass(std::move(done), path_ + ": compact");
  Work(true);  // the new size
  return {};
}

}  // namespace gpud::store
