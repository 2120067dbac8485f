// SPDX-License-Identifier: Apache-2.0
#include "store/chunks.h"

#include "store/store_rig.h"

namespace gpud::store {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

std::int64_t Millis(WallTime time) {
  return std::chrono::floor<milliseconds>(time).time_since_epoch().count();
}

constexpr auto kAll = seconds(0);

TEST(Metrics, SurviveARestartInTheOrderOfTimeNameAndLabels) {
  StoreRig rig;
  rig.Open();
  const WallTime start = rig.clock.Wall();
  const Labels a{{"cpu", "a"}}, b{{"cpu", "b\""}};
  rig.store->PutSamples(start, "cpu", {{"z", {}, 1}, {"load", b, 2}, {"load", a, 3}});
  rig.store->PutSamples(start + seconds(60), "cpu", {{"load", a, 4}});
  rig.store->PutSamples(start, "a", {{"m", {}, -0.0}});
  const auto check = [&] {
    const auto metrics = rig.Metrics();
    ASSERT_EQ(metrics.size(), 2u);
    EXPECT_EQ(metrics[0].component, "a");
    EXPECT_EQ(metrics[1].component, "cpu");
    EXPECT_EQ(metrics[1].metrics, (std::vector<Metric>{{Millis(start), "load", a, 3},
                                                       {Millis(start), "load", b, 2},
                                                       {Millis(start), "z", {}, 1},
                                                       {Millis(start) + 60'000, "load", a, 4}}));
    EXPECT_EQ(rig.Metrics({.components = {"a"}}).size(), 1u);
    EXPECT_TRUE(rig.Metrics({.since = start + seconds(61)}).empty());
    EXPECT_EQ(rig.Metrics({.since = start + seconds(60)}).size(), 1u);
  };
  check();
  rig.Reopen();
  check();
}

TEST(Metrics, ResolutionKeepsTheLastSampleOfEachStep) {
  StoreRig rig;
  rig.Open();
  const WallTime start = rig.clock.Wall();  // on a whole minute
  for (int i = 0; i < 12; ++i) {
    rig.store->PutSamples(start + i * seconds(10), "cpu", {{"m", {}, double(i)}});
  }
  const auto minute = rig.Metrics().at(0).metrics;
  ASSERT_EQ(minute.size(), 2u);
  EXPECT_EQ(minute[0].value, 5);
  EXPECT_EQ(minute[1].value, 11);
  EXPECT_EQ(rig.Metrics({.resolution = kAll}).at(0).metrics.size(), 12u);
}

TEST(Metrics, ManyHoursComeBackFromManyChunksAndOldOnesGo) {
  StoreRig rig;
  rig.options.metrics_retention = hours(6);
  rig.Open();
  for (int i = 0; i < 10 * 60; ++i) {
    rig.store->PutSamples(rig.clock.Wall(), "cpu", {{"m", {}, double(i)}});
    ASSERT_TRUE(rig.Put({}));  // lets the thread see the clock
    rig.clock.Advance(minutes(1));
  }
  for (int round = 0; round < 2; ++round) {
    const auto metrics = rig.Metrics().at(0).metrics;
    ASSERT_EQ(metrics.size(), 6u * 60);
    for (std::size_t i = 0; i < metrics.size(); ++i) {
      EXPECT_EQ(metrics[i].value, double(240 + i));
    }
    rig.Reopen();
  }
}

TEST(Metrics, AreOnDiskFiveMinutesLaterEvenIfTheDaemonIsKilled) {
  StoreRig rig;
  rig.Open();
  rig.store->PutSamples(rig.clock.Wall(), "cpu", {{"m", {}, 1}});
  rig.clock.Advance(minutes(5));
  ASSERT_TRUE(rig.Put({}));
  ASSERT_FALSE(rig.Metrics().empty());  // the thread has done its round

  StoreRig after;  // sees what is on disk now
  std::filesystem::copy(rig.options.directory, after.options.directory);
  after.Open();
  EXPECT_EQ(after.Metrics().size(), 1u);
}

TEST(Metrics, AClockThatIsSetBackAndForthLosesNoSample) {
  StoreRig rig;
  rig.Open();
  const WallTime start = rig.clock.Wall();
  const seconds offsets[] = {seconds(0),  seconds(60), -seconds(3600), -seconds(3590), seconds(0),
                             seconds(50), seconds(1),  seconds(61),    seconds(-20),   seconds(2)};
  double value = 0;
  for (const seconds offset : offsets) {
    rig.store->PutSamples(start + offset, "cpu", {{"m", {}, ++value}});
    rig.clock.Advance(minutes(5));
    ASSERT_TRUE(rig.Put({}));
  }
  for (int round = 0; round < 2; ++round) {
    const auto metrics = rig.Metrics({.resolution = kAll}).at(0).metrics;
    ASSERT_EQ(metrics.size(), 9u);  // one time was there twice
    for (std::size_t i = 1; i < metrics.size(); ++i) {
      EXPECT_LT(metrics[i - 1].unix_seconds, metrics[i].unix_seconds);
    }
    EXPECT_EQ(metrics[3].unix_seconds, Millis(start));
    rig.Reopen();
  }
}

TEST(Metrics, AChunkThatBeginsWhenAnOlderOneDidDoesNotReplaceIt) {
  StoreRig rig;
  rig.Open();
  const WallTime start = rig.clock.Wall();
  rig.store->PutSamples(start, "cpu", {{"m", {}, 1}});
  rig.store->PutSamples(start + seconds(10), "cpu", {{"m", {}, 2}});
  rig.Reopen();
  rig.store->PutSamples(start, "cpu", {{"m", {}, 1}});
  rig.store->PutSamples(start + seconds(20), "cpu", {{"m", {}, 3}});
  rig.Reopen();
  EXPECT_EQ(rig.Metrics({.resolution = kAll}).at(0).metrics.size(), 3u);
}

TEST(Chunks, ASeriesThatHasVanishedIsForgottenAfterThreeFlushes) {
  StoreRig rig;
  rig.Open();
  Chunks chunks;
  auto database = Database::Open(":memory:");
  chunks.Add(rig.clock.Wall(), "cpu", {{"m", {{"pid", "1"}}, 1}});
  const auto in_memory = [&] { return chunks.Select(nullptr, {})->size(); };
  for (int i = 0; i < 2; ++i) {
    chunks.Flushed();
    EXPECT_EQ(in_memory(), 1u);
  }
  chunks.Flushed();
  EXPECT_EQ(in_memory(), 0u);
}

TEST(Chunks, TooManySeriesAreDroppedAndCounted) {
  Chunks chunks;
  std::vector<Sample> samples;
  for (int i = 0; i < 10'050; ++i) samples.push_back({"m", {{"pid", std::to_string(i)}}, 1});
  chunks.Add(WallTime(hours(1)), "cpu", samples);
  EXPECT_EQ(chunks.dropped_samples(), 50u);
}

TEST(Chunks, SealedOnesThatCannotBeWrittenAreBounded) {
  Chunks chunks;
  std::uint64_t noise = 1;
  WallTime time{hours(1)};
  for (int i = 0; i < 400'000; ++i) {
    noise = noise * 6364136223846793005u + 1442695040888963407u;
    chunks.Add(time += seconds(1), "cpu", {{"m", {}, double(noise)}});
  }
  EXPECT_GT(chunks.dropped_samples(), 0u);
}

TEST(Chunks, AnAnswerThatWouldFillTheMemoryIsRefusedWithAHint) {
  Chunks chunks;
  for (int i = 0; i < 260; ++i) {
    std::vector<Sample> samples;
    for (int k = 0; k < 1'000; ++k) samples.push_back({"m", {{"k", std::to_string(k)}}, 1});
    chunks.Add(WallTime(seconds(i)), "cpu", samples);
  }
  const auto refused = chunks.Select(nullptr, {.resolution = kAll});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnsupported);
  EXPECT_TRUE(chunks.Select(nullptr, {}));
}

}  // namespace
}  // namespace gpud::store
