// SPDX-License-Identifier: Apache-2.0
#include "daemon/event_log.h"

#include <gtest/gtest.h>

namespace gpud::daemon {
namespace {

using std::chrono::seconds;

WallTime At(int s) { return WallTime(seconds(1'000'000 + s)); }

Event Made(const std::string& component, int s) {
  return {.component = component, .time = At(s), .name = "e", .identity = std::to_string(s)};
}

TEST(EventLog, AnEventOfAKnownIdentityIsNotAddedTwice) {
  EventLog log;
  EXPECT_TRUE(log.Add(Made("cpu", 1)));
  EXPECT_FALSE(log.Add(Made("cpu", 1)));
  EXPECT_TRUE(log.Add(Made("disk", 1)));
}

TEST(EventLog, AnEventThatIsToldAgainReplacesItselfAndActsByItsLastLine) {
  EventLog log;
  log.Add(Made("cpu", 1));
  log.Add(Made("cpu", 7));
  Event again = Made("cpu", 1);
  again.extra_info = {{"count", "3"}};
  again.time = At(10);
  again.again = true;
  EXPECT_TRUE(log.Add(again));
  EXPECT_EQ(log.Query({}).size(), 2u);
  EXPECT_EQ(log.Query({})[0].extra_info.at("count"), "3");
  EXPECT_EQ(log.Acting("cpu", At(8)).size(), 1u) << "a line came after set-healthy";
  EXPECT_EQ(log.Acting("cpu", At(10)).size(), 0u);
}

TEST(EventLog, AnswersNewestFirstWhateverTheOrderOfArrival) {
  EventLog log;
  for (const int s : {5, 9, 7}) log.Add(Made("cpu", s));
  log.Add(Made("disk", 8));
  const auto events = log.Query({.after = At(5)});
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].time, At(9));
  EXPECT_EQ(events[1].time, At(8));
  EXPECT_EQ(events[2].time, At(7));
  EXPECT_EQ(log.Query({.components = {"disk"}}).size(), 1u);
  EXPECT_EQ(log.Query({.after = At(0), .until = At(7)}).size(), 2u);
}

TEST(EventLog, KnowsWhatItCannotAnswer) {
  EventLog log(2);
  EXPECT_FALSE(log.Covers({.after = At(0)}));  // the store has not been asked yet
  log.SetCompleteSince(At(0));
  EXPECT_TRUE(log.Covers({.after = At(0)}));
  for (const int s : {1, 2, 3}) log.Add(Made("cpu", s));
  EXPECT_FALSE(log.Covers({.after = At(0)}));  // the one of second 1 fell out
  EXPECT_TRUE(log.Covers({.after = At(1)}));
  EXPECT_TRUE(log.Covers({.components = {"disk"}, .after = At(0)}));
}

}  // namespace
}  // namespace gpud::daemon
