// SPDX-License-Identifier: Apache-2.0
#include "components/findings.h"

#include <gtest/gtest.h>

namespace gpud {
namespace {

TEST(Findings, TellAllReasonsTheWorstFirstAndTheStrongestAction) {
  Findings findings;
  findings.Add(Health::kDegraded, "mild", RepairAction::kInspectHardware);
  findings.Add(Health::kUnhealthy, "bad", RepairAction::kReboot);
  const HealthState state = findings.ToState("x");
  EXPECT_EQ(state.health, Health::kUnhealthy);
  EXPECT_EQ(state.reason, "bad, mild");
  EXPECT_EQ(state.suggested_actions->repair_actions,
            std::vector<RepairAction>{RepairAction::kInspectHardware});
  EXPECT_FALSE(Findings().ToState("x").suggested_actions);
}

TEST(Findings, AReadingThatIsAbsentByDesignMakesNoState) {
  Report report;
  AddUnreadable<int>(report, "x/y", Fail(ErrorCode::kUnsupported, "no such thing here"));
  EXPECT_TRUE(report.states.empty());
  AddUnreadable<int>(report, "x/y", Fail(ErrorCode::kPermission, "not allowed"));
  ASSERT_EQ(report.states.size(), 1u);
  EXPECT_EQ(report.states[0].health, Health::kUnknown);
  EXPECT_EQ(report.states[0].error, "not allowed");
}

}  // namespace
}  // namespace gpud
