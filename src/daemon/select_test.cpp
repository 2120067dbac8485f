// SPDX-License-Identifier: Apache-2.0
#include "daemon/select.h"

#include <gtest/gtest.h>

namespace gpud::daemon {
namespace {

using Names = std::vector<std::string>;
const Names kNames = {"cpu", "disk", "memory"};

Names Selected(const Names& list) { return SelectComponents(list, kNames).selected; }

TEST(SelectComponents, TakesAllForAnEmptyListAStarOrAllAnywhere) {
  EXPECT_EQ(Selected({}), kNames);
  EXPECT_EQ(Selected({""}), kNames);
  EXPECT_EQ(Selected({"*"}), kNames);
  EXPECT_EQ(Selected({"cpu", "all"}), kNames);
}

TEST(SelectComponents, TakesOnlyTheNamesGivenInTheOrderOfTheRegistry) {
  EXPECT_EQ(Selected({"memory", " cpu ", "cpu"}), (Names{"cpu", "memory"}));
}

TEST(SelectComponents, LeavesOutWhatHasAMinusAndStartsFromAllWhenThereIsNothingElse) {
  EXPECT_EQ(Selected({"-disk"}), (Names{"cpu", "memory"}));
  EXPECT_EQ(Selected({"*", "-disk"}), (Names{"cpu", "memory"}));
  EXPECT_EQ(Selected({"-disk", "*"}), (Names{"cpu", "memory"}));
  EXPECT_EQ(Selected({"cpu", "-disk", "disk"}), (Names{"cpu"}));
}

TEST(SelectComponents, TakesNothingForNoneAndNamesWhatItDoesNotKnow) {
  EXPECT_EQ(Selected({"none"}), Names{});
  EXPECT_EQ(SelectComponents(Names{"none"}, kNames).unknown, Names{});
  const Selection slip = SelectComponents(Names{"cpuu", "-disc", "disk"}, kNames);
  EXPECT_EQ(slip.selected, Names{"disk"});
  EXPECT_EQ(slip.unknown, (Names{"cpuu", "disc"}));
  EXPECT_EQ(SelectComponents(Names{"cpuu"}, kNames).selected, Names{});
}

}  // namespace
}  // namespace gpud::daemon
