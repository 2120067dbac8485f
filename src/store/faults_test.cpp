// SPDX-License-Identifier: Apache-2.0
// What happens to the store must not happen to the daemon: damaged, foreign and vanished files.
#include <algorithm>
#include <random>

#include "store/sqlite.h"
#include "store/store_rig.h"

namespace gpud::store {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kEvents = 400;

/// A store with some events, closed.
void Fill(StoreRig& rig, int count = kEvents) {
  rig.Open();
  Batch batch;
  for (int i = 0; i < count; ++i) batch.events.push_back(rig.MakeEvent(i));
  ASSERT_EQ(rig.Put(std::move(batch)), static_cast<std::size_t>(count));
  rig.Close();
}

/// The daemon runs on with a new file, and the old one is still there, byte for byte.
void ExpectSetAside(StoreRig& rig, const std::string& damaged) {
  EXPECT_EQ(rig.store->condition().set_aside, rig.Db() + ".corrupt-20260301T080000Z");
  EXPECT_TRUE(ReadFile(rig.store->condition().set_aside) == damaged);
  EXPECT_TRUE(rig.store->condition().writable);
  EXPECT_EQ(rig.Put({.events = {rig.MakeEvent(1)}}), 1u);
  EXPECT_EQ(rig.Events().size(), 1u);
  rig.Reopen();
  EXPECT_EQ(rig.store->condition().set_aside, "");
  EXPECT_EQ(rig.Events().size(), 1u);
}

TEST(StoreFaults, GarbageIsSetAside) {
  StoreRig rig;
  const std::string garbage(100'000, 'g');
  WriteFile(rig.Db(), garbage);
  rig.Open();
  ExpectSetAside(rig, garbage);
}

TEST(StoreFaults, ATruncatedDatabaseIsSetAside) {
  for (const std::size_t size : {100u, 5'000u, 8'192u, 40'000u}) {
    StoreRig rig;
    Fill(rig);
    const std::string cut = ReadFile(rig.Db()).substr(0, size);
    WriteFile(rig.Db(), cut);
    rig.Open();
    ExpectSetAside(rig, cut);
  }
}

TEST(StoreFaults, EverySecondPageOverwrittenIsSetAside) {
  StoreRig rig;
  Fill(rig);
  std::string bytes = ReadFile(rig.Db());
  for (std::size_t at = 4096; at + 4096 <= bytes.size(); at += 8192) {
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), 4096, 'x');
  }
  WriteFile(rig.Db(), bytes);
  rig.Open();
  ExpectSetAside(rig, bytes);
}

TEST(StoreFaults, AFlippedBitNeverStopsTheStoreNorGivesMoreThanWasPut) {
  StoreRig good;
  Fill(good);
  const std::string bytes = ReadFile(good.Db());
  std::mt19937 random(1);
  int set_aside = 0;
  for (int round = 0; round < 100; ++round) {
    StoreRig rig;
    std::string flipped = bytes;
    // Half of them where the structure is: the first page and the heads of pages.
    const std::size_t page = random() % (bytes.size() / 4096) * 4096;
    const std::size_t at = round % 2 ? page + random() % 100 : random() % bytes.size();
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << random() % 8));
    WriteFile(rig.Db(), flipped);
    rig.Open();
    const bool aside = !rig.store->condition().set_aside.empty();
    set_aside += aside;
    if (!rig.store->condition().writable) {  // the schema's number has become a newer one
      EXPECT_NE(rig.store->condition().problem.find("newer gpud"), std::string::npos)
          << rig.store->condition().problem;
      continue;
    }
    EXPECT_LE(rig.Events().size(), std::size_t{kEvents});
    EXPECT_EQ(rig.Put({.events = {rig.MakeEvent(kEvents)}}), 1u);
    EXPECT_LE(rig.Events().size(), std::size_t{kEvents} + 1);
    EXPECT_GE(rig.Events().size(), 1u);
  }
  EXPECT_GT(set_aside, 15);
}

TEST(StoreFaults, ATornLogGivesAllThatWasAcknowledgedBeforeTheTear) {
  StoreRig rig;
  rig.Open();
  for (int i = 0; i < 100; ++i) ASSERT_EQ(rig.Put({.events = {rig.MakeEvent(i)}}), 1u);
  const std::string db = ReadFile(rig.Db()), log = ReadFile(rig.Db() + "-wal");
  std::mt19937 random(1);
  std::size_t most = 0;
  for (int round = 0; round < 50; ++round) {
    StoreRig torn;
    WriteFile(torn.Db(), db);
    std::string part = log.substr(0, random() % log.size());
    if (round % 2 && !part.empty()) part.back() = static_cast<char>(part.back() ^ 1);
    WriteFile(torn.Db() + "-wal", part);
    torn.Open();
    const std::vector<Event> events = torn.Events();
    most = std::max(most, events.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
      ASSERT_EQ(events[i].identity, "e" + std::to_string(events.size() - 1 - i));
    }
    EXPECT_EQ(torn.Put({.events = {rig.MakeEvent(1'000)}}), 1u);
  }
  EXPECT_GT(most, 50u);
}

TEST(StoreFaults, AnEmptiedDatabaseDoesNotTakeItsLogWithIt) {
  StoreRig rig;
  rig.Open();
  ASSERT_TRUE(rig.Put({.events = {rig.MakeEvent(1)}}));
  StoreRig after;
  const std::string log = ReadFile(rig.Db() + "-wal");
  WriteFile(after.Db(), "");
  WriteFile(after.Db() + "-wal", log);
  after.Open();
  EXPECT_TRUE(ReadFile(after.store->condition().set_aside + "-wal") == log);
}

TEST(StoreFaults, DamageWhileRunningIsSetAsideAndWhatIsPutIsKept) {
  StoreRig rig;
  Fill(rig, 5'000);  // more than its cache holds: its next reads meet garbage
  rig.Open();
  const auto size = fs::file_size(rig.Db());
  {
    std::fstream file(rig.Db(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file << std::string(size - 4096, '\xee');
  }
  EXPECT_EQ(rig.Put({.events = {rig.MakeEvent(5'000)}}), 1u);
  EXPECT_EQ(rig.Events().size(), 1u);
  EXPECT_NE(rig.store->condition().set_aside, "");
  EXPECT_TRUE(rig.store->condition().writable);
}

TEST(StoreFaults, ADamagedFileThatIsFoundByAQueryIsSetAsideToo) {
  StoreRig rig;
  Fill(rig);
  rig.Open();
  fs::resize_file(rig.Db(), 4096);
  EXPECT_TRUE(rig.Events().empty());
  ASSERT_TRUE(rig.Put({}));
  EXPECT_NE(rig.store->condition().set_aside, "");
}

TEST(StoreFaults, TwoDamagedFilesOfOneSecondAreBothKept) {
  StoreRig rig;
  for (int i = 0; i < 2; ++i) {
    WriteFile(rig.Db(), "garbage " + std::to_string(i));
    rig.Open();
    EXPECT_EQ(ReadFile(rig.store->condition().set_aside), "garbage " + std::to_string(i));
    rig.Close();
  }
  EXPECT_EQ(ReadFile(rig.Db() + ".corrupt-20260301T080000Z"), "garbage 0");
}

TEST(StoreFaults, SomebodyElsesDatabaseIsSetAside) {
  StoreRig rig;
  {
    auto database = Database::Open(rig.Db());
    ASSERT_TRUE(database->Run("CREATE TABLE theirs(a)"));
  }
  rig.Open();
  EXPECT_NE(rig.store->condition().set_aside, "");
}

TEST(StoreFaults, ADatabaseOfANewerGpudIsNotTouched) {
  StoreRig rig;
  Fill(rig);
  {
    auto database = Database::Open(rig.Db());
    ASSERT_TRUE(database->Run("PRAGMA user_version=1000"));
  }
  const std::string bytes = ReadFile(rig.Db());
  rig.Open();
  EXPECT_FALSE(rig.store->condition().writable);
  EXPECT_NE(rig.store->condition().problem.find("a newer gpud wrote it"), std::string::npos);
  rig.store->Put({.events = {rig.MakeEvent(1)}, .metadata = {{"a", "b"}}});
  EXPECT_EQ(rig.Events().size(), 1u);  // from memory
  EXPECT_EQ(rig.AllMetadata(), (Metadata{{"a", "b"}}));
  rig.Close();
  EXPECT_TRUE(ReadFile(rig.Db()) == bytes);
  EXPECT_EQ(std::distance(fs::directory_iterator(rig.options.directory), {}), 1);
}

TEST(StoreFaults, WithoutItsFolderItRunsInMemoryAndWritesWhenTheFolderComes) {
  StoreRig rig;
  rig.options.directory = rig.host.Path("/later");
  rig.Open();
  EXPECT_FALSE(rig.store->condition().writable);
  EXPECT_NE(rig.store->condition().problem.find(rig.Db()), std::string::npos);
  EXPECT_NE(rig.store->condition().problem.find("No such file or directory"), std::string::npos);

  std::optional<Result<std::size_t>> acknowledged;
  rig.store->Put({.events = {rig.MakeEvent(1), rig.MakeEvent(2), rig.MakeEvent(1)}},
                 [&](Result<std::size_t> result) { acknowledged = std::move(result); });
  rig.store->PutSamples(rig.clock.Wall(), "cpu", {{"m", {}, 1}});
  rig.store->PutTransition({rig.clock.Wall(), "cpu", "Healthy", "Degraded", "hot"});
  EXPECT_EQ(rig.Events().size(), 2u);
  EXPECT_EQ(rig.Events({.limit = 1}).size(), 1u);
  EXPECT_EQ(rig.Transitions().size(), 1u);
  EXPECT_EQ(rig.Metrics().size(), 1u);
  EXPECT_FALSE(acknowledged);
  EXPECT_FALSE(rig.Compact());

  fs::create_directory(rig.options.directory);
  rig.clock.Advance(seconds(40));
  EXPECT_EQ(rig.Events().size(), 2u);
  rig.Until([](const Condition& condition) { return condition.writable; });
  ASSERT_TRUE(acknowledged);
  EXPECT_EQ(*acknowledged, 2u);
  EXPECT_EQ(rig.store->condition().waiting_events, 0u);
  rig.Reopen();
  EXPECT_EQ(rig.Events().size(), 2u);
  EXPECT_EQ(rig.Transitions().size(), 1u);
  EXPECT_EQ(rig.Metrics().size(), 1u);
}

TEST(StoreFaults, ADeletedFileIsMadeAnew) {
  StoreRig rig;
  rig.Open();
  ASSERT_TRUE(rig.Put({.events = {rig.MakeEvent(1)}}));
  for (const char* suffix : {"", "-wal"}) fs::remove(rig.Db() + suffix);
  EXPECT_EQ(rig.Put({.events = {rig.MakeEvent(2)}}), 1u);
  rig.Reopen();
  EXPECT_EQ(rig.Events().size(), 1u);
}

TEST(StoreFaults, ACallerThatWillNotWaitIsToldAndTheBatchStillWaits) {
  StoreRig rig;
  rig.options.directory = rig.host.Path("/later");
  rig.Open();
  std::optional<Result<std::size_t>> told;
  int calls = 0;
  rig.store->Put(
      {.events = {rig.MakeEvent(1)}},
      [&](Result<std::size_t> result) {
        told = std::move(result);
        ++calls;
      },
      seconds(5));
  rig.clock.Advance(milliseconds(4'999));
  EXPECT_EQ(rig.Events().size(), 1u);
  EXPECT_FALSE(told);
  rig.clock.Advance(milliseconds(1));
  EXPECT_EQ(rig.Events().size(), 1u);
  ASSERT_TRUE(told);
  ASSERT_FALSE(*told);
  EXPECT_NE(told->error().what.find("waits in memory"), std::string::npos);

  fs::create_directory(rig.options.directory);
  rig.clock.Advance(seconds(40));
  rig.Reopen();
  EXPECT_EQ(rig.Events().size(), 1u);
  EXPECT_EQ(calls, 1);
}

TEST(StoreFaults, TooMuchThatWaitsDropsTheOldestAndCountsItButKeepsItsMetadata) {
  StoreRig rig;
  rig.options.directory = rig.host.Path("/later");
  rig.Open();
  int refused = 0;
  for (int i = 0; i < 12'000; ++i) {
    Batch batch{.events = {rig.MakeEvent(i)}};
    if (i < 2) batch.metadata = {{"a", std::to_string(i)}, {"b" + std::to_string(i), "x"}};
    rig.store->Put(std::move(batch),
                   [&](const Result<std::size_t>& result) { refused += !result; });
    if (i % 1'000 == 0) rig.Events({.limit = 1});  // a burst beyond the way's own bound is another
  }
  EXPECT_EQ(rig.Events().size(), 10'000u);
  rig.Until([](const Condition& condition) { return condition.dropped_events == 2'000; });
  EXPECT_EQ(refused, 2'000);
  EXPECT_EQ(rig.AllMetadata(), (Metadata{{"a", "1"}, {"b0", "x"}, {"b1", "x"}}));

  fs::create_directory(rig.options.directory);
  rig.clock.Advance(seconds(40));
  EXPECT_EQ(rig.Events().size(), 10'000u);
  rig.Until([](const Condition& condition) { return condition.waiting_events == 0; });
}

}  // namespace
}  // namespace gpud::store
