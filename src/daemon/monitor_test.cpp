// SPDX-License-Identifier: Apache-2.0
#include "daemon/monitor.h"

#include <gtest/gtest.h>

#include "testing/fake_host.h"

namespace gpud::daemon {
namespace {

using std::chrono::seconds;

struct Level {
  int value = 0;
  static constexpr auto Fields() { return std::tuple{Field{"value", &Level::value}}; }
};

constinit const SourceType kLevelSource{.name = "test/level", .snapshot = &kSnapshot<Level>};
constexpr const SourceType* kNeeds[] = {&kLevelSource};

Report CheckLevel(const Inputs& in) {
  const auto& level = in.Latest<Level>();
  if (!level) return Unreadable("level", level.error());
  if (level->value == 13) throw std::runtime_error("thirteen");
  Report report;
  report.states.push_back({.name = "level",
                           .health = level->value < 0 ? Health::kUnhealthy : Health::kHealthy,
                           .reason = "level " + std::to_string(level->value)});
  report.samples.push_back({.metric = "level", .value = double(level->value)});
  if (!in.OwnEvents().empty()) report.states[0].reason += ", events";
  return report;
}

constexpr ComponentType kLevel{.name = "level",
                               .needs = kNeeds,
                               .clearable = true,
                               .supported =
                                   [](const Inputs& in) {
                                     const auto& level = in.Latest<Level>();
                                     const bool absent = level && level->value == 99;
                                     return Support{!absent, absent ? "no such part" : ""};
                                   },
                               .check = CheckLevel};
constexpr const ComponentType* kComponents[] = {&kLevel};

class MonitorTest : public testing::Test {
 protected:
  void Put(Result<Level> level) {
    monitor.Put(
        {&kSnapshot<Level>, std::make_shared<Result<Level>>(std::move(level)), clock.Boot()});
  }
  const ComponentStatus& status() const { return monitor.statuses().at(0); }

  FakeClock clock;
  EventLog events;
  Monitor monitor{kComponents, clock, events};
};

TEST_F(MonitorTest, AComponentIsInitializingUntilWhatItNeedsHasBeenRead) {
  EXPECT_EQ(status().health(), Health::kInitializing);
  EXPECT_FALSE(monitor.Check(kLevel).transition);
  EXPECT_EQ(status().health(), Health::kInitializing);
  Put(Level{1});
  monitor.Check(kLevel);
  EXPECT_EQ(status().health(), Health::kHealthy);
  EXPECT_EQ(status().states.at(0).component, "level");
  EXPECT_EQ(status().states.at(0).time, clock.wall);
}

TEST_F(MonitorTest, AFailedReadingIsUnknownWithTheErrorAndTheAgeOfTheLastGoodOne) {
  Put(Level{1});
  monitor.Check(kLevel);
  clock.Advance(seconds(42));
  Put(Fail(ErrorCode::kTimeout, "no answer within 2 s"));
  const CheckOutcome outcome = monitor.Check(kLevel);
  EXPECT_EQ(status().health(), Health::kUnknown);
  EXPECT_EQ(status().states.at(0).error, "no answer within 2 s");
  EXPECT_EQ(status().states.at(0).age_seconds, 42);
  EXPECT_TRUE(status().samples.empty());
  EXPECT_EQ(outcome.transition->to, "Unknown");
}

TEST_F(MonitorTest, AReadingThatNeverWorkedHasNoAge) {
  Put(Fail(ErrorCode::kPermission, "not root"));
  monitor.Check(kLevel);
  EXPECT_EQ(status().health(), Health::kUnknown);
  EXPECT_FALSE(status().states.at(0).age_seconds);
}

TEST_F(MonitorTest, ABugInACheckIsUnknownAndKeepsTheDaemonUp) {
  Put(Level{13});
  monitor.Check(kLevel);
  EXPECT_EQ(status().health(), Health::kUnknown);
  EXPECT_EQ(status().states.at(0).error, "bug in the check: thirteen");
}

TEST_F(MonitorTest, APartThatIsAbsentByDesignIsNotSupportedAndSaysWhy) {
  Put(Level{99});
  monitor.Check(kLevel);
  EXPECT_FALSE(status().supported);
  EXPECT_EQ(status().unsupported_reason, "no such part");
  EXPECT_TRUE(status().samples.empty());
}

TEST_F(MonitorTest, RemembersSinceWhenTheHealthIsWhatItIs) {
  Put(Level{1});
  monitor.Check(kLevel);
  const WallTime healthy_since = status().since;
  clock.Advance(seconds(10));
  Put(Level{2});
  EXPECT_FALSE(monitor.Check(kLevel).transition);
  EXPECT_EQ(status().since, healthy_since);
  clock.Advance(seconds(10));
  Put(Level{-1});
  const CheckOutcome outcome = monitor.Check(kLevel);
  ASSERT_TRUE(outcome.transition);
  EXPECT_EQ(outcome.transition->from, "Healthy");
  EXPECT_EQ(outcome.transition->to, "Unhealthy");
  EXPECT_EQ(outcome.transition->reason, "level -1");
  EXPECT_EQ(status().since, clock.wall);
}

TEST_F(MonitorTest, APartThatComesOrGoesChangesItsHealthOnlyWhenSomethingIsWrongWithIt) {
  Put(Level{99});
  EXPECT_FALSE(monitor.Check(kLevel).transition);
  Put(Level{1});
  EXPECT_FALSE(monitor.Check(kLevel).transition);
  Put(Level{99});
  EXPECT_FALSE(monitor.Check(kLevel).transition);
  Put(Level{-1});
  const CheckOutcome came = monitor.Check(kLevel);
  ASSERT_TRUE(came.transition);
  EXPECT_EQ(came.transition->to, "Unhealthy");
  Put(Level{99});
  const CheckOutcome went = monitor.Check(kLevel);
  ASSERT_TRUE(went.transition);
  EXPECT_EQ(went.transition->from, "Unhealthy");
}

TEST_F(MonitorTest, OnlyEventsThatMayActReachTheCheckAndSetHealthyForgetsThem) {
  Put(Level{1});
  events.Add({.component = "level",
              .time = clock.wall,
              .name = "x",
              .origin = Origin::kUserSpace,
              .identity = "1"});
  monitor.Check(kLevel);
  EXPECT_EQ(status().states.at(0).reason, "level 1");
  events.Add({.component = "level",
              .time = clock.wall,
              .name = "x",
              .origin = Origin::kKernel,
              .identity = "2"});
  monitor.Check(kLevel);
  EXPECT_EQ(status().states.at(0).reason, "level 1, events");
  monitor.SetCleared("level", clock.wall);
  monitor.Check(kLevel);
  EXPECT_EQ(status().states.at(0).reason, "level 1");
}

constexpr ComponentType kAdded{.name = "added"};

TEST_F(MonitorTest, AComponentThatIsAddedGetsItsReportsFromElsewhere) {
  HealthState first{.name = "check", .health = Health::kInitializing, .reason = "not run yet"};
  const std::uint64_t generation = monitor.generation();
  monitor.Add(kAdded, first, true);
  EXPECT_GT(monitor.generation(), generation);
  ASSERT_EQ(monitor.statuses().size(), 2u);
  EXPECT_EQ(status().name, "added") << "sorted by name";
  EXPECT_TRUE(status().deregisterable);
  EXPECT_EQ(status().states.at(0).reason, "not run yet");
  EXPECT_FALSE(monitor.Check(kAdded).transition) << "it has no check";

  Report report;
  report.states.push_back({.time = clock.wall - seconds(5),
                           .name = "check",
                           .health = Health::kUnhealthy,
                           .reason = "exit 1"});
  const CheckOutcome outcome = monitor.Take(kAdded, report);
  ASSERT_TRUE(outcome.transition);
  EXPECT_EQ(outcome.transition->to, "Unhealthy");
  EXPECT_EQ(status().states.at(0).component, "added");
  EXPECT_EQ(status().states.at(0).time, clock.wall - seconds(5)) << "the run's start";
}

TEST_F(MonitorTest, AComponentThatIsRemovedIsGone) {
  monitor.Add(kAdded, {}, false);
  monitor.Remove("added");
  monitor.Remove("added");
  EXPECT_EQ(monitor.Find("added"), nullptr);
  ASSERT_EQ(monitor.statuses().size(), 1u);
  EXPECT_EQ(status().name, "level");
}

}  // namespace
}  // namespace gpud::daemon
