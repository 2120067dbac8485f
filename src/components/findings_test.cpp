// SPDX-License-Identifier: Apache-2.0
#include "components/findings.h"

#include <gtest/gtest.h>

#include "components/repair_history.h"
#include "components/repeat_window.h"

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

/// The sequences of specs/components.md, D.4: F failure, R reboot, in the order of time.
std::string ActionOf(std::string_view sequence) {
  std::vector<WallTime> failures, reboots;
  for (std::size_t i = sequence.size(); i-- > 0;) {
    const WallTime time{std::chrono::seconds(1000 + 10 * i)};
    (sequence[i] == 'F' ? failures : reboots).push_back(time);
  }
  const auto action = ActionFromHistory(failures, reboots);
  return action ? std::string(Word(*action)) : "none";
}

TEST(ActionFromHistory, CountsRebootsAfterWhichTheFailureCameAgain) {
  for (const char* sequence : {"F", "RF", "FF", "FRF", "RRF", "RFF"}) {
    EXPECT_EQ(ActionOf(sequence), "REBOOT_SYSTEM") << sequence;
  }
  for (const char* sequence : {"FR", "FRFR", "FFRR", "", "R"}) {
    EXPECT_EQ(ActionOf(sequence), "none") << sequence;
  }
  for (const char* sequence : {"RFRF", "FRFRF"}) {
    EXPECT_EQ(ActionOf(sequence), "HARDWARE_INSPECTION") << sequence;
  }
  // The original asks for inspection here too, as it counts failures: but only one reboot was in
  // vain.
  for (const char* sequence : {"RRFF", "FRRFF"}) {
    EXPECT_EQ(ActionOf(sequence), "REBOOT_SYSTEM") << sequence;
  }
}

TEST(RepeatWindow, StartsAtTheFirstLineAndKeepsOriginsApart) {
  RepeatWindow window{std::chrono::seconds(60)};
  const auto at = [](int seconds, Origin origin = Origin::kKernel) {
    return KernelLine{.time = WallTime(std::chrono::seconds(seconds)), .origin = origin};
  };
  EXPECT_FALSE(window.IsRepeat(at(1000), "a"));
  EXPECT_TRUE(window.IsRepeat(at(1059), "a"));
  EXPECT_FALSE(window.IsRepeat(at(1059), "b"));
  EXPECT_FALSE(window.IsRepeat(at(1001, Origin::kUserSpace), "a"));
  EXPECT_FALSE(window.IsRepeat(at(1060), "a"));
  EXPECT_TRUE(window.IsRepeat(at(1100), "a"));
}

TEST(RepeatWindow, StaysBoundedUnderAFloodOfKeys) {
  RepeatWindow window{std::chrono::seconds(60)};
  const KernelLine line{.time = WallTime(std::chrono::seconds(1000))};
  for (int i = 0; i < 100'000; ++i) EXPECT_FALSE(window.IsRepeat(line, std::to_string(i)));
}

}  // namespace
}  // namespace gpud
