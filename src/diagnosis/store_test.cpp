// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/store.h"

#include <gtest/gtest.h>

#include "diagnosis/engine.h"
#include "diagnosis/slope.h"
#include "scenario/signal.h"

namespace gpud::diagnosis {
namespace {

TEST(SignalStore, ASampleThatWasNotSetIsAbsentAndNotZero) {
  SignalStore store({.gpus = 1}, 5);
  store.Advance(0);
  store.Set(Signal::kGpuUtil, store.Row(Signal::kGpuUtil), 40);
  store.Advance(5);
  const Samples samples = store.Window(Signal::kGpuUtil, store.Row(Signal::kGpuUtil), 10);
  ASSERT_EQ(samples.count(), 2);
  EXPECT_EQ(samples[0], 40);
  EXPECT_TRUE(std::isnan(samples[1]));
}

TEST(SignalStore, ATickThatWasLeftOutIsAnAbsentSample) {
  SignalStore store({.gpus = 1}, 5);
  const int row = store.Row(Signal::kGpuUtil);
  store.Advance(0);
  store.Set(Signal::kGpuUtil, row, 1);
  store.Advance(20);
  store.Set(Signal::kGpuUtil, row, 2);
  const Samples samples = store.Window(Signal::kGpuUtil, row, 60);
  int seen = 0;
  samples.Each([&](float) { ++seen; });
  EXPECT_EQ(samples.count(), 5);
  EXPECT_EQ(seen, 2);
}

TEST(SignalStore, ASeriesWithoutAFreshSampleIsStale) {
  SignalStore store({.gpus = 1}, 5);
  const int row = store.Row(Signal::kGpuTemp);
  store.Advance(0);
  store.Set(Signal::kGpuTemp, row, 60);
  store.Advance(5);
  EXPECT_EQ(store.Last(Signal::kGpuTemp, row), 60);
  store.Advance(10);
  EXPECT_TRUE(std::isnan(store.Last(Signal::kGpuTemp, row)));
}

TEST(SignalStore, TheRingForgetsWhatIsOlderThanAnHour) {
  SignalStore store({.gpus = 1}, 5);
  const int row = store.Row(Signal::kGpuUtil);
  for (int k = 0; k < 2000; ++k) {
    store.Advance(5.0 * k);
    store.Set(Signal::kGpuUtil, row, k);
  }
  const Samples samples = store.Window(Signal::kGpuUtil, row, 3600);
  ASSERT_EQ(samples.count(), 720);
  EXPECT_EQ(samples[0], 1280);
  EXPECT_EQ(samples[719], 1999);
}

TEST(SignalStore, ACounterThatFallsWasResetAndCountsFromZero) {
  SignalStore store({.gpus = 1}, 5);
  const int row = store.Row(Signal::kGpuEccDramCorr);
  const double totals[] = {700, 703, 2, 2};
  for (int k = 0; k < 4; ++k) {
    store.Advance(30.0 * k);
    store.SetTotal(Signal::kGpuEccDramCorr, row, totals[k]);
  }
  double sum = 0;
  store.Window(Signal::kGpuEccDramCorr, row, 120).Each([&](float v) {
    sum += static_cast<double>(v);
  });
  EXPECT_EQ(sum, 5);  // what was there at the start is old
  EXPECT_EQ(store.GrowthOfDay(Signal::kGpuEccDramCorr, row), 5);
  EXPECT_EQ(store.GrewAt(row), 60);
}

TEST(SignalStore, AnHourOfEightGpusAndTheRulesFitInFourMebibytes) {
  const Shape shape{.gpus = 8,
                    .links = 18,
                    .nics = 8,
                    .disks = 2,
                    .mounts = 2,
                    .cgroups = 2,
                    .services = 5,
                    .fans = 8,
                    .psus = 4,
                    .dimms = 8,
                    .jobs = 1,
                    .processes = 128,
                    .gpu_processes = 16};
  NodeFacts facts;
  facts.gpus.resize(8);
  facts.switches.resize(4);
  NodeView view(facts, shape, 5);
  const Engine engine(view);
  RecordProperty("bytes", static_cast<int>(view.store.bytes() + engine.bytes()));
  EXPECT_LE(view.store.bytes() + engine.bytes(), 4U << 20);
}

TEST(Signals, AreThoseOfTheScenarioFormat) {
  std::size_t known = 0;
  for (const scenario::Signal& signal : scenario::AllSignals()) {
    const Owner owners[] = {Owner::kNode,    Owner::kGpu,    Owner::kGpuLink, Owner::kGpuProcess,
                            Owner::kProcess, Owner::kCgroup, Owner::kDimm,    Owner::kDisk,
                            Owner::kMount,   Owner::kNic,    Owner::kService, Owner::kFan,
                            Owner::kPsu,     Owner::kJob};
    std::size_t found = 0;
    for (const Owner owner : owners) {
      const auto mine = FindSignal(signal.name, owner);
      if (!mine) continue;
      ++found;
      EXPECT_EQ(static_cast<int>(RowOf(*mine).kind), static_cast<int>(signal.kind)) << signal.name;
    }
    EXPECT_EQ(found, signal.also_nic ? 2U : 1U) << signal.name;
    known += found;
  }
  EXPECT_EQ(known, kSignals);
}

Samples All(const std::vector<float>& values) {
  return {.first = values.data(),
          .first_count = static_cast<int>(values.size()),
          .expected = static_cast<int>(values.size())};
}

TEST(Slope, IsNotBentByAFewOddSamples) {
  std::vector<float> values;
  for (int i = 0; i < 120; ++i) values.push_back(static_cast<float>(i));  // 1 each 15 s
  values[40] = 9000;
  values[41] = 0;
  EXPECT_NEAR(SlopePerHour(All(values), 15), 240, 6);
}

TEST(Growth, OfACacheThatFillsLevelsOff) {
  std::vector<float> leak, cache;
  for (int i = 0; i < 120; ++i) {
    leak.push_back(static_cast<float>(1000 + 10 * i));
    cache.push_back(static_cast<float>(5000 - 4000 * std::exp(-i / 25.0)));
  }
  EXPECT_FALSE(GrowthOf(All(leak), 15).levels_off);
  EXPECT_TRUE(GrowthOf(All(cache), 15).levels_off);
}

}  // namespace
}  // namespace gpud::diagnosis
