// SPDX-License-Identifier: Apache-2.0
#include "store/identity.h"

#include <gtest/gtest.h>

namespace gpud::store {
namespace {

Event MakeEvent() {
  return {.component = "disk",
          .time = WallTime(std::chrono::microseconds(1'772'352'000'000'001)),
          .name = "n",
          .type = EventType::kWarning,
          .message = "m"};
}

TEST(Identity, IsTheSameForTheSameEventInEveryVersionOfGpud) {
  // Stored in databases: a change here doubles events after an update.
  EXPECT_EQ(OwnIdentity(MakeEvent()), OwnIdentity(MakeEvent()));
  EXPECT_EQ(OwnIdentity(MakeEvent()), "own:9216574379214411900");
}

TEST(Identity, EachOfTheFiveFactsTellsEventsApart) {
  const std::string base = OwnIdentity(MakeEvent());
  Event event = MakeEvent();
  event.component = "os";
  EXPECT_NE(OwnIdentity(event), base);
  event = MakeEvent();
  event.time += std::chrono::microseconds(1);
  EXPECT_NE(OwnIdentity(event), base);
  event = MakeEvent();
  event.name = "m";
  EXPECT_NE(OwnIdentity(event), base);
  event = MakeEvent();
  event.type = EventType::kFatal;
  EXPECT_NE(OwnIdentity(event), base);
  event = MakeEvent();
  event.message = "n";
  EXPECT_NE(OwnIdentity(event), base);
}

TEST(Identity, TextThatMovesFromOneFieldToTheNextIsAnotherEvent) {
  Event a = MakeEvent(), b = MakeEvent();
  a.component = "ab";
  a.name = "c";
  b.component = "a";
  b.name = "bc";
  EXPECT_NE(OwnIdentity(a), OwnIdentity(b));
}

TEST(Identity, ExtraInfoAndOriginDoNotCount) {
  Event event = MakeEvent();
  event.extra_info = {{"a", "b"}};
  event.origin = Origin::kInjected;
  EXPECT_EQ(OwnIdentity(event), OwnIdentity(MakeEvent()));
}

}  // namespace
}  // namespace gpud::store
