// SPDX-License-Identifier: Apache-2.0
#include "components/fault_history.h"

#include <gtest/gtest.h>

#include "components/line.h"
#include "platform/text.h"

namespace gpud {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr WallTime kStart{std::chrono::seconds(1'772'352'000)};

struct Story {
  /// A line of a fault, ten minutes after what was told before.
  Story& Fault(Advice action, EventType severity = EventType::kFatal, std::string code = "79",
               std::string device = "gpu0") {
    LineFinding finding{.family = "xid",
                        .code = std::move(code),
                        .severity = severity,
                        .action = action,
                        .device = std::move(device)};
    return Add(finding);
  }
  Story& Recovery(std::string device = "gpu0") {
    return Add({.family = "xid",
                .code = "ok",
                .severity = EventType::kInfo,
                .device = std::move(device),
                .clears = true});
  }
  Story& Reboot() {
    now += minutes(10);
    reboots.insert(reboots.begin(), now);
    return *this;
  }
  Story& Wait(hours time) {
    now += time;
    return *this;
  }
  /// "device code severity action vain-reboots" of each open fault.
  std::string Open(const FaultRules& rules = {}) const {
    Inputs in;
    in.SetNow(BootTime(hours(100)), now);
    in.SetHistory(events, reboots, {});
    std::string text;
    for (const gpud::Fault& fault : OpenFaults(in, rules)) {
      if (!text.empty()) text += "; ";
      text += fault.device + ' ' + fault.code + ' ' + std::string(Word(fault.severity)) + ' ' +
              std::string(Word(fault.action));
    }
    return text;
  }
  Story& Add(const LineFinding& finding) {
    now += minutes(10);
    events.insert(events.begin(), ToEvent(finding));
    events.front().time = now;
    return *this;
  }

  WallTime now = kStart;
  std::vector<Event> events;
  std::vector<WallTime> reboots;
};

TEST(FaultHistory, ARebootClosesWhatItCures) {
  EXPECT_EQ(Story().Fault(Advice::kResetGpu).Open(), "gpu0 79 Fatal RESET_GPU");
  EXPECT_EQ(Story().Fault(Advice::kResetGpu).Reboot().Open(), "");
  EXPECT_EQ(Story().Fault(Advice::kHardwareInspection).Reboot().Open(),
            "gpu0 79 Fatal HARDWARE_INSPECTION");
}

TEST(FaultHistory, AfterTwoVainRebootsTheHardwareIsInspected) {
  constexpr auto kReset = Advice::kResetGpu;
  EXPECT_EQ(Story().Fault(kReset).Reboot().Fault(kReset).Open(), "gpu0 79 Fatal RESET_GPU");
  EXPECT_EQ(Story().Fault(kReset).Reboot().Reboot().Fault(kReset).Open(), "gpu0 79 Fatal RESET_GPU")
      << "the first of the two did not see it come back";
  Story twice;
  twice.Fault(kReset).Reboot().Fault(kReset).Reboot().Fault(kReset);
  EXPECT_EQ(twice.Open(), "gpu0 79 Fatal HARDWARE_INSPECTION");
  EXPECT_EQ(twice.Reboot().Open(), "gpu0 79 Fatal HARDWARE_INSPECTION")
      << "one more reboot is no cure";
}

TEST(FaultHistory, FaultsOfProgramsNeverLeadToARebootHoweverOftenTheyCome) {
  Story story;
  for (int i = 0; i < 20; ++i)
    story.Fault(Advice::kRestartApplication, EventType::kCritical).Reboot();
  EXPECT_EQ(story.Fault(Advice::kRestartApplication, EventType::kCritical).Open(),
            "gpu0 79 Critical RESTART_APPLICATION");
}

TEST(FaultHistory, ARecoveryClosesTheFaultsOfItsDeviceThatAResetCures) {
  Story story;
  story.Fault(Advice::kResetGpu)
      .Fault(Advice::kHardwareInspection, EventType::kFatal, "64")
      .Fault(Advice::kResetGpu, EventType::kFatal, "79", "gpu1")
      .Recovery();
  EXPECT_EQ(story.Open(), "gpu0 64 Fatal HARDWARE_INSPECTION; gpu1 79 Fatal RESET_GPU");
  EXPECT_EQ(story.Open({.recovery_closes_all = true}), "gpu1 79 Fatal RESET_GPU");
  EXPECT_EQ(story.Fault(Advice::kResetGpu).Open({.recovery_closes_all = true}),
            "gpu0 79 Fatal RESET_GPU; gpu1 79 Fatal RESET_GPU")
      << "it came again";
  EXPECT_EQ(story.Recovery("").Open({.recovery_closes_all = true}), "")
      << "without a device it is for all";
}

TEST(FaultHistory, CriticalFaultsAgeAndFatalOnesDoNot) {
  Story story;
  story.Fault(Advice::kResetGpu).Fault(Advice::kCheckCooling, EventType::kCritical, "hot");
  EXPECT_EQ(story.Wait(hours(23)).Open(),
            "gpu0 79 Fatal RESET_GPU; gpu0 hot Critical CHECK_COOLING");
  EXPECT_EQ(story.Wait(hours(1)).Open(), "gpu0 79 Fatal RESET_GPU");
}

TEST(FaultHistory, AnIncidentCountsByItsLastLine) {
  Story story;
  story.Fault(Advice::kResetGpu).Recovery();
  EXPECT_EQ(story.Open(), "");
  Event fault = story.events.back();
  story.events.pop_back();
  fault.extra_info["count"] = "3";
  fault.time = story.now + minutes(1);
  story.events.insert(story.events.begin(), fault);
  EXPECT_EQ(story.Open(), "gpu0 79 Fatal RESET_GPU") << "a repeat came after the recovery";
}

TEST(FaultHistory, TheGravestOfWhatWasSaidOfAnOpenFaultCounts) {
  Story story;
  story.Fault(Advice::kResetGpu, EventType::kFatal, "64")
      .Fault(Advice::kIgnore, EventType::kWarning, "64");
  EXPECT_EQ(story.Open(), "gpu0 64 Fatal RESET_GPU");
  EXPECT_EQ(story.Open({.newest_counts = "64"}), "gpu0 64 Warning IGNORE_NO_ACTION_REQUIRED");
}

TEST(FaultHistory, ManyWarningsWithinAnHourDegradeButNotThoseOfPrograms) {
  const FaultRules rules{.warnings_per_hour = 5};
  Story link;
  Story program;
  for (int i = 0; i < 5; ++i) {
    link.Fault(Advice::kInvestigateLink, EventType::kWarning);
    program.Fault(Advice::kRestartApplication, EventType::kWarning);
  }
  EXPECT_EQ(link.Open(rules), "gpu0 79 Critical INVESTIGATE_LINK");
  EXPECT_EQ(link.Wait(hours(1)).Open(rules), "gpu0 79 Warning INVESTIGATE_LINK");
  EXPECT_EQ(program.Open(rules), "gpu0 79 Warning RESTART_APPLICATION");
}

TEST(FaultState, TellsFatalAsUnhealthyWithAdviceAndLeavesEchoesOut) {
  Story story;
  story.Fault(Advice::kResetGpu, EventType::kFatal, "48")
      .Fault(Advice::kRestartApplication, EventType::kCritical, "94");
  story.events.front().extra_info["root"] = "xid/48";
  Inputs in;
  in.SetNow(BootTime(hours(100)), story.now);
  in.SetHistory(story.events, {}, {});
  const auto name = [](const Fault& fault) { return "Xid " + fault.code; };
  HealthState state = FaultState(in, "x", "good", name);
  EXPECT_EQ(state.health, Health::kUnhealthy);
  EXPECT_EQ(state.reason, "Xid 48 on gpu0");
  EXPECT_EQ(state.suggested_actions->repair_actions,
            std::vector<RepairAction>{RepairAction::kReboot});
  EXPECT_EQ(state.suggested_actions->description, OperatorText(Advice::kResetGpu));

  story.events.front().extra_info["root"] = "xid/95";
  in.SetHistory(story.events, {}, {});
  state = FaultState(in, "x", "good", name);
  EXPECT_EQ(state.reason, "Xid 48 on gpu0, Xid 94 on gpu0") << "its root is not told";

  in.SetHistory({}, {}, {});
  EXPECT_EQ(FaultState(in, "x", "good", name).health, Health::kHealthy);
}

}  // namespace
}  // namespace gpud
