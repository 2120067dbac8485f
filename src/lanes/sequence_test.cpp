// SPDX-License-Identifier: Apache-2.0
#include "lanes/sequence.h"

#include <gtest/gtest.h>

namespace gpud::lanes {
namespace {

TEST(SequenceTracker, TakesEachRecordOnceFromWhereItResumes) {
  SequenceTracker tracker(10);
  EXPECT_FALSE(tracker.Take(9).fresh);
  EXPECT_TRUE(tracker.Take(10).fresh);
  EXPECT_FALSE(tracker.Take(10).fresh);
  EXPECT_EQ(tracker.Take(11).lost, 0u);
  EXPECT_EQ(tracker.next(), 12u);
}

TEST(SequenceTracker, CountsWhatWasOverwrittenWhileNobodyRead) {
  SequenceTracker tracker(10);
  const auto seen = tracker.Take(15);
  EXPECT_EQ(seen.lost, 5u);
  EXPECT_TRUE(seen.first);
  const auto later = tracker.Take(18);
  EXPECT_EQ(later.lost, 2u);
  EXPECT_FALSE(later.first);
}

TEST(SequenceTracker, MissesNothingBeforeTheFirstRecordItEverSees) {
  SequenceTracker tracker(std::nullopt);
  EXPECT_EQ(tracker.Take(500).lost, 0u);
}

TEST(SequenceTracker, DoesNotCountAnUnreadableRecordAsLostToo) {
  SequenceTracker tracker(10);
  tracker.TakeUnusable();
  EXPECT_EQ(tracker.Take(12).lost, 1u);
  EXPECT_EQ(tracker.Take(14).lost, 1u);
}

}  // namespace
}  // namespace gpud::lanes
