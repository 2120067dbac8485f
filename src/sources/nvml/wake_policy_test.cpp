// SPDX-License-Identifier: Apache-2.0
#include "sources/nvml/wake_policy.h"

#include <gtest/gtest.h>

namespace gpud::nvml {
namespace {

using std::chrono::seconds;

TEST(WakePolicy, StaysOpenWhileAGpuIsUsed) {
  for (const auto persistence :
       {std::optional<bool>(), std::optional(true), std::optional(false)}) {
    EXPECT_EQ(Decide({.used = true,
                      .persistence = persistence,
                      .uninitialised = true,
                      .idle_for = seconds(600),
                      .since_glance = seconds(600)}),
              Access::kOpen);
  }
}

TEST(WakePolicy, LetsGoAfterAMinuteOfIdlenessAndLooksOnceAMinute) {
  Situation idle{.persistence = true, .idle_for = seconds(59), .since_glance = seconds(3600)};
  EXPECT_EQ(Decide(idle), Access::kOpen);
  idle.idle_for = seconds(60);
  EXPECT_EQ(Decide(idle), Access::kGlance);
  idle.since_glance = seconds(59);
  EXPECT_EQ(Decide(idle), Access::kIdle);
  idle.since_glance = seconds(60);
  EXPECT_EQ(Decide(idle), Access::kGlance);
}

TEST(WakePolicy, NeverOpensAnIdleGpuWithoutPersistence) {
  for (const int idle : {0, 60, 86400}) {
    EXPECT_EQ(
        Decide({.persistence = false, .idle_for = seconds(idle), .since_glance = seconds(idle)}),
        Access::kUntouched);
  }
}

TEST(WakePolicy, AsksOnceForPersistenceUnlessItWouldBeTheFirstUse) {
  EXPECT_EQ(Decide({}), Access::kOpen);
  EXPECT_EQ(Decide({.uninitialised = true}), Access::kUntouched);
}

TEST(WakePolicy, SaysWhyItLeavesTheDriverAlone) {
  EXPECT_EQ(AsleepText(Access::kOpen), "");
  EXPECT_NE(AsleepText(Access::kIdle), "");
  EXPECT_NE(AsleepText(Access::kUntouched), "");
}

}  // namespace
}  // namespace gpud::nvml
