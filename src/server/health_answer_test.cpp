// SPDX-License-Identifier: Apache-2.0
#include "server/health_answer.h"

#include <gtest/gtest.h>

#include "server/fake_backend.h"

namespace gpud::server {
namespace {

const WallTime kNow = At("2026-03-01T08:00:30Z");

HealthAnswer Judge(const std::vector<ComponentStatus>& components) {
  std::vector<const ComponentStatus*> pointers;
  for (const auto& component : components) pointers.push_back(&component);
  return AnswerHealth(pointers, "node-17", kNow);
}

TEST(HealthAnswer, SaysYesToAHealthyMachineSinceItsLastTrouble) {
  ComponentStatus disk = FakeComponent("disk");
  disk.since = At("2026-03-01T07:30:00Z");
  EXPECT_EQ(ToJson(Judge({FakeComponent("cpu"), disk})),
            R"({"health":"Healthy","ok":true,"name":"node-17","since":"2026-03-01T07:30:00Z",)"
            R"("reason":"all 2 components are healthy",)"
            R"("next_step":{"tenant":"Nothing to do.","operator":"Nothing to do."},)"
            R"("evidence_age_seconds":30,"components":[]})");
}

TEST(HealthAnswer, SaysNoWithTheReasonAndTheStepsOfTheUnhealthyOne) {
  ComponentStatus disk = FakeComponent("disk", Health::kUnhealthy, "/ is read-only");
  disk.since = At("2026-03-01T06:00:00Z");
  disk.states[0].suggested_actions =
      SuggestedActions{.description = "check the cable",
                       .repair_actions = {RepairAction::kInspectHardware, RepairAction::kReboot}};
  const HealthAnswer answer =
      Judge({FakeComponent("cpu"), disk, FakeComponent("memory", Health::kDegraded, "low")});
  EXPECT_FALSE(answer.ok);
  EXPECT_EQ(answer.health, Health::kUnhealthy);
  EXPECT_EQ(answer.since, disk.since);
  EXPECT_EQ(answer.reason, "2 of 3 components are not healthy: disk: / is read-only; memory: low");
  EXPECT_EQ(answer.next_step.operators, "Check the cable.");
  ASSERT_EQ(answer.components.size(), 2U);
  EXPECT_EQ(answer.components[1].name, "memory");
}

TEST(HealthAnswer, GivesNoWorkToWhatCannotBeJudged) {
  EXPECT_TRUE(Judge({FakeComponent("cpu", Health::kDegraded)}).ok);
  EXPECT_FALSE(Judge({FakeComponent("cpu", Health::kInitializing)}).ok);
  EXPECT_FALSE(Judge({FakeComponent("cpu", Health::kUnknown)}).ok);
  EXPECT_FALSE(Judge({}).ok);
  // One that cannot be read weighs more than one that is known to work with less.
  const auto both =
      Judge({FakeComponent("a", Health::kDegraded), FakeComponent("b", Health::kUnknown)});
  EXPECT_FALSE(both.ok);
  EXPECT_EQ(both.health, Health::kUnknown);
  ComponentStatus never = FakeComponent("cpu");
  never.states.clear();
  EXPECT_EQ(Judge({never}).health, Health::kInitializing);
}

TEST(HealthAnswer, IgnoresWhatTheMachineDoesNotHave) {
  ComponentStatus gpu = FakeComponent("gpu", Health::kUnhealthy);
  gpu.supported = false;
  EXPECT_TRUE(Judge({FakeComponent("cpu"), gpu}).ok);
  EXPECT_EQ(Judge({gpu}).health, Health::kInitializing);
}

TEST(HealthAnswer, IsNotHeldUpByWhatWaitsUntilSomebodyAsks) {
  ComponentStatus manual = FakeComponent("manual", Health::kInitializing, "not run yet");
  manual.on_demand = true;
  EXPECT_TRUE(Judge({FakeComponent("cpu"), manual}).ok);
  EXPECT_EQ(Judge({manual}).health, Health::kInitializing) << "asked for itself it says so";
  manual.states[0].health = Health::kUnhealthy;
  EXPECT_FALSE(Judge({FakeComponent("cpu"), manual}).ok);
}

TEST(HealthAnswer, CountsTheAgeOfTheOldestReading) {
  ComponentStatus stuck = FakeComponent("disk", Health::kUnknown, "could not be read");
  stuck.states[0].age_seconds = 300;
  EXPECT_EQ(Judge({FakeComponent("cpu"), stuck}).evidence_age_seconds, 330);
  EXPECT_EQ(Judge({FakeComponent("cpu", Health::kInitializing)}).evidence_age_seconds,
            std::nullopt);
  ComponentStatus future = FakeComponent("cpu");
  future.states[0].time = kNow + std::chrono::hours(1);  // the clock was set back
  EXPECT_EQ(Judge({future}).evidence_age_seconds, 0);
}

TEST(HealthAnswer, ShowsTheErrorOfASingleComponent) {
  ComponentStatus disk = FakeComponent("disk", Health::kUnknown, "could not be read");
  disk.states[0].error = "statvfs: timed out";
  EXPECT_EQ(Judge({disk}).reason, "could not be read: statvfs: timed out");
}

TEST(HealthAnswer, TellsTheEarliestOfEquallyBadOnes) {
  ComponentStatus a = FakeComponent("a", Health::kUnhealthy);
  ComponentStatus b = FakeComponent("b", Health::kUnhealthy);
  a.since = At("2026-03-01T05:00:00Z");
  b.since = At("2026-03-01T04:00:00Z");
  EXPECT_EQ(Judge({a, b}).since, b.since);
}

}  // namespace
}  // namespace gpud::server
