// SPDX-License-Identifier: Apache-2.0
#include "sources/gpu/growth.h"

#include <gtest/gtest.h>

#include <cmath>

namespace gpud::gpu {
namespace {

using std::chrono::minutes;

constexpr std::uint64_t kMib = 1 << 20;

BootTime At(std::chrono::microseconds since_boot) { return BootTime(since_boot); }

TEST(Growth, NeedsFiveReadings) {
  Growth growth;
  for (int i = 0; i < 4; ++i) growth.Add(At(minutes(i)), 100 * kMib);
  EXPECT_FALSE(growth.MibPerHour().has_value());
  growth.Add(At(minutes(4)), 100 * kMib);
  EXPECT_EQ(growth.MibPerHour(), 0.0);
}

TEST(Growth, SeesASteadyLeak) {
  Growth growth;
  for (unsigned i = 0; i < 10; ++i) growth.Add(At(minutes(i)), (100 + 3 * i) * kMib);
  EXPECT_DOUBLE_EQ(growth.MibPerHour().value(), 180.0);
}

TEST(Growth, SeesALeakInSteps) {
  Growth growth;  // an allocator takes 10 MiB every fifth minute
  for (unsigned i = 0; i < 16; ++i) growth.Add(At(minutes(i)), (100 + i / 5 * 10) * kMib);
  EXPECT_NEAR(growth.MibPerHour().value(), 120.0, 15.0);
}

TEST(Growth, IsNotMovedByASpike) {
  Growth growth;
  for (unsigned i = 0; i < 12; ++i) growth.Add(At(minutes(i)), (i == 5 ? 9'000 : 100) * kMib);
  EXPECT_EQ(growth.MibPerHour(), 0.0);
}

TEST(Growth, ForgetsTheRampOfTheStart) {
  Growth growth;
  for (unsigned i = 0; i < 14; ++i) growth.Add(At(minutes(i)), (i < 2 ? i * 4'000 : 9'000) * kMib);
  EXPECT_EQ(growth.MibPerHour(), 0.0);
}

TEST(Growth, ShrinkingIsNegative) {
  Growth growth;
  for (unsigned i = 0; i < 6; ++i) growth.Add(At(minutes(i)), (100 - i) * kMib);
  EXPECT_DOUBLE_EQ(growth.MibPerHour().value(), -60.0);
}

TEST(Growth, TakesOneReadingAMinute) {
  Growth growth;
  for (int i = 0; i < 59; ++i) growth.Add(At(std::chrono::seconds(i)), 100 * kMib);
  EXPECT_FALSE(growth.MibPerHour().has_value());
}

TEST(Growth, LooksBackFourHoursAndNoFurther) {
  Growth growth;
  for (unsigned i = 0; i < 24 * 60; ++i) growth.Add(At(minutes(i)), (100 + i) * kMib);
  EXPECT_DOUBLE_EQ(growth.MibPerHour().value(), 60.0);
  // Five hours without growth after a day of it.
  for (unsigned i = 24 * 60; i < 29 * 60; ++i) growth.Add(At(minutes(i)), 2'000 * kMib);
  EXPECT_EQ(growth.MibPerHour(), 0.0);
}

}  // namespace
}  // namespace gpud::gpu
