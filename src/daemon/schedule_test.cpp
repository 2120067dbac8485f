// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedule.h"

#include <gtest/gtest.h>

namespace gpud::daemon {
namespace {

using std::chrono::seconds;

constexpr ComponentType kFast{.name = "fast", .period = seconds(5)};
constexpr ComponentType kSlow{.name = "slow", .period = seconds(15)};
constexpr const ComponentType* kBoth[] = {&kFast, &kSlow};

BootTime At(int s) { return BootTime(seconds(s)); }

TEST(Schedule, AllAreDueAtOnceAndThenAtCommonMultiples) {
  Schedule schedule(kBoth, seconds(0), At(100));
  EXPECT_EQ(schedule.TakeDue(At(100)).size(), 2u);
  EXPECT_EQ(schedule.Next(), At(105));
  EXPECT_TRUE(schedule.TakeDue(At(104)).empty());
  EXPECT_EQ(schedule.TakeDue(At(105)).size(), 1u);
  EXPECT_EQ(schedule.TakeDue(At(110)).size(), 1u);
  EXPECT_EQ(schedule.TakeDue(At(115)).size(), 2u);
}

TEST(Schedule, AMissedTurnIsMadeUpForOnceAndTheBeatIsKept) {
  Schedule schedule(kBoth, seconds(0), At(100));
  (void)schedule.TakeDue(At(100));
  EXPECT_EQ(schedule.TakeDue(At(133)).size(), 2u);  // the machine slept
  EXPECT_EQ(schedule.Next(), At(135));
}

TEST(Schedule, AnIntervalReplacesEveryPeriod) {
  Schedule schedule(kBoth, seconds(60), At(0));
  (void)schedule.TakeDue(At(0));
  EXPECT_EQ(schedule.Next(), At(60));
  EXPECT_EQ(schedule.TakeDue(At(60)).size(), 2u);
}

}  // namespace
}  // namespace gpud::daemon
