// SPDX-License-Identifier: Apache-2.0
#include "lanes/fold.h"

#include <gtest/gtest.h>

namespace gpud::lanes {
namespace {

using std::chrono::seconds;

class FoldTest : public testing::Test {
 protected:
  void Take(int second, std::string message, std::uint64_t sequence = 0) {
    fold_.Take({.component = "c",
                .time = start_ + seconds(second),
                .name = "n",
                .message = std::move(message),
                .identity = std::to_string(second)},
               sequence, now_, out_);
  }

  const WallTime start_{seconds(1'772'352'000)};
  BootTime now_{seconds(5)};
  Fold fold_;
  std::vector<Event> out_;
};

TEST_F(FoldTest, SwallowsWhatIsEqualWithinAMinuteOfTheFirst) {
  Take(0, "a");
  Take(1, "b");
  Take(59, "a");
  EXPECT_EQ(out_.size(), 2u);
  Take(60, "a");
  ASSERT_EQ(out_.size(), 4u);
  EXPECT_EQ(out_[2].message, "a (repeated 1 more time until 2026-03-01T08:00:59Z)");
  EXPECT_EQ(out_[2].identity, "r:0");
  EXPECT_EQ(out_[3].message, "a");
}

TEST_F(FoldTest, TellsOfRepeatsWhenALaterLineOrTheClockEndsTheMinute) {
  Take(0, "a");
  Take(1, "a");
  fold_.CloseOld(start_ + seconds(59), now_, out_);
  EXPECT_EQ(out_.size(), 1u);
  fold_.CloseOld(start_ + seconds(60), now_, out_);
  EXPECT_EQ(out_.size(), 2u);
  Take(100, "a");
  Take(101, "a");
  EXPECT_EQ(fold_.due(), now_ + seconds(60));
  fold_.CloseOld(std::nullopt, now_ + seconds(60), out_);
  EXPECT_EQ(out_.size(), 4u);
  EXPECT_EQ(fold_.due(), std::nullopt);
}

TEST_F(FoldTest, KnowsFromWhereToReadAgainToCountUntoldRepeats) {
  Take(0, "a", 10);
  Take(1, "b", 11);
  EXPECT_EQ(fold_.untold_since(), std::nullopt);
  Take(2, "b", 12);
  EXPECT_EQ(fold_.untold_since(), 11u);
  fold_.CloseAll(out_);
  EXPECT_EQ(fold_.untold_since(), std::nullopt);
}

TEST_F(FoldTest, KeepsABoundedNumberOfWindowsAndLosesNoRepeat) {
  Take(0, "first");
  Take(0, "first");
  for (std::size_t i = 0; i < Fold::kMostOpen; ++i) Take(1, std::to_string(i));
  ASSERT_EQ(out_.size(), Fold::kMostOpen + 2);
  EXPECT_EQ(out_[Fold::kMostOpen].identity, "r:0");
}

TEST_F(FoldTest, DoesNotFoldLinesThatComeFromBeforeTheFirst) {
  Take(10, "a");
  Take(5, "a");
  EXPECT_EQ(out_.size(), 2u);
}

}  // namespace
}  // namespace gpud::lanes
