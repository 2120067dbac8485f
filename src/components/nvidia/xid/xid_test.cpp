// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "components/nvidia/xid/xid_line.h"
#include "platform/text.h"
#include "sources/procfs/modules.h"
#include "sources/sysfs/pci.h"
#include "testing/component_kit.h"

namespace gpud::nvidia_xid {
extern const ComponentType kType;
namespace {

std::string Parsed(std::string_view record) {
  std::string all;
  for (const XidLine& line : ParseXidLines(record)) {
    all += std::to_string(line.code) + '|' + line.device + '|' + std::string(line.instance) + '|' +
           std::string(line.pid) + '|' + std::string(line.process) + '|' + std::string(line.text) +
           '\n';
  }
  return all;
}

TEST(XidLine, IsFoundInTheFormsOfAllDrivers) {
  EXPECT_EQ(Parsed("NVRM: Xid (PCI:0000:05:00): 79, pid='<unknown>', name=<unknown>, GPU has "
                   "fallen off the bus."),
            "79|0000:05:00.0||||GPU has fallen off the bus.\n");
  EXPECT_EQ(Parsed("NVRM: Xid (0000:03:00): 14, Channel 00000001"),
            "14|0000:03:00.0||||Channel 00000001\n");
  // The original drops 133, as its table has none. A code that nobody knows is still a report.
  EXPECT_EQ(Parsed("NVRM: Xid (PCI:0000:03:00): 133, foo"), "133|0000:03:00.0||||foo\n");
  EXPECT_EQ(Parsed("NVRM: Xid (PCI:0000:05:00 GPU-I:02 GPU-CI:01): 45, pid=1, name=x, Ch 1"),
            "45|0000:05:00.0|GPU-I:02 GPU-CI:01|1|x|Ch 1\n");
  EXPECT_EQ(Parsed("NVRM: GPU6 Xid (PCI:000f:05:1c): 31, pid=1896,   name=nvc:[driver], Ch 1"),
            "31|000f:05:1c.0||1896|nvc:[driver]|Ch 1\n");
  EXPECT_EQ(Parsed("NVRM: Xid (PCI:0000:05:00): 31, pid=1896, Ch 7"),
            "31|0000:05:00.0||1896||Ch 7\n");
  EXPECT_EQ(Parsed("NVRM: Xid (PCI:0000:05:00): 31, pid=<unknown>, name=KMS thread, Ch 7"),
            "31|0000:05:00.0|||KMS thread|Ch 7\n");
  EXPECT_EQ(Parsed("NVRM: Xid (PCI:0000:05:00): 8"), "8|0000:05:00.0||||\n");
}

TEST(XidLine, SeveralAreFoundInOneRecordAndBehindOtherText) {
  EXPECT_EQ(Parsed("x: done NVRM: Xid (PCI:0000:05:00): 13, a\nNVRM: Xid (PCI:0000:06:00): 43, b"),
            "13|0000:05:00.0||||a\n43|0000:06:00.0||||b\n");
  EXPECT_EQ(Parsed("NVRM: Xid (PCI:0000:05:00): 13, aNVRM: Xid (PCI:0000:06:00): 43, b"),
            "13|0000:05:00.0||||a\n43|0000:06:00.0||||b\n");
}

TEST(XidLine, IsNotFoundInTextThatIsNone) {
  for (const char* line :
       {"NVRM: Xid (0000:05:00.0", "NVRM: Xid (): 79, x", "Xid 79", "", "NVRM: Xid (PCI:zz): 79",
        "NVRM: Xid (PCI:0000:05:00): x, 79", "NVRM: Xid (PCI:0000:05:00): 99999999999, x",
        "NVRM: Xid error: xyz, invalid data", "NVRM: Xid (invalid): some error",
        "NVRM: Xid (PCI:0000:05:00) 79, x"}) {
    EXPECT_EQ(Parsed(line), "") << line;
  }
}

/// "code device severity action[/follow-up]" of each finding.
std::vector<std::string> Verdicts(const std::vector<std::string>& lines) {
  std::vector<std::string> verdicts;
  for (const LineFinding& finding : Find(kType, lines)) {
    verdicts.push_back(finding.code + ' ' + finding.device + ' ' +
                       std::string(Word(finding.severity)) + ' ' +
                       std::string(Word(finding.action)));
    if (finding.follow_up != Advice::kNone) verdicts.back() += '/';
    verdicts.back() += Word(finding.follow_up);
  }
  return verdicts;
}
std::string Verdict(const std::string& text) {
  const auto all = Verdicts({"NVRM: Xid (PCI:0000:05:00): " + text});
  return all.size() == 1 ? all[0] : "not one but " + std::to_string(all.size());
}

TEST(XidWords, ALostGpuIsToldWithAndWithoutItsCode) {
  EXPECT_EQ(Verdicts({"NVRM: GPU 0000:cb:00.0: GPU has fallen off the bus.",
                      "NVRM: GPU cb:00.0: GPU has fallen off the bus.",
                      "NVRM: GPU at 0000:cb:00.0 has fallen off the bus.",
                      "NVRM: GPU2 GPU 0000:cb:00.0: GPU has fallen off the bus.",
                      "NVRM: GPU at PCI:0000:cb:00: GPU-uuid"}),
            std::vector<std::string>(4, "79 0000:cb:00.0 Fatal REBOOT_SYSTEM/HARDWARE_INSPECTION"));
  EXPECT_EQ(Verdicts({"NVRM: The NVIDIA GPU 0000:5d:00.0\nNVRM: (PCI ID: 10de:2330) installed in "
                      "this system has\nNVRM: fallen off the bus and is not responding to "
                      "commands.",
                      "nvidia 0000:5d:00.0: probe with driver nvidia failed with error -1",
                      "nvidia 0000:6d:00.0: probe with driver nvidia failed with error -1"}),
            std::vector<std::string>(2, "79 0000:5d:00.0 Fatal REBOOT_SYSTEM/HARDWARE_INSPECTION"));
  EXPECT_EQ(Verdicts({"NVRM: The NVIDIA GPU 0000:5d:00.0",
                      "NVRM: (PCI ID: 10de:2330) installed in this system has",
                      "NVRM: fallen off the bus and is not responding to commands."}),
            std::vector<std::string>(1, "79 0000:5d:00.0 Fatal REBOOT_SYSTEM/HARDWARE_INSPECTION"));
}

TEST(XidWords, AGspThatDoesNotAnswerIsToldWithoutItsCode) {
  EXPECT_EQ(Verdicts({"NVRM: _kgspRpcRecvPoll: GSP RM heartbeat timed out",
                      "watchdogd: heartbeat timed out",
                      "NVRM: _kgspIsHeartbeatTimedOut: Heartbeat timed out",
                      "GSP task watchdog timeout @ pc:0x1000, task: 3"}),
            (std::vector<std::string>{"119  Fatal RESET_GPU/UPDATE_DRIVER",
                                      "119  Fatal RESET_GPU/UPDATE_DRIVER",
                                      "120  Fatal RESET_GPU/UPDATE_DRIVER"}));
}

TEST(XidWords, DecideWhatTheCodeLeavesOpen) {
  const std::pair<const char*, const char*> rows[] = {
      {"63, pid=1, Row Remapper: New row (0x1) marked for remapping, reset gpu to activate.",
       "63 0000:05:00.0 Warning IGNORE_NO_ACTION_REQUIRED/RESET_GPU"},
      {"64, Row Remapper: (0x1) - Attempting to remap a row that is already pending remapping.",
       "64 0000:05:00.0 Critical RESET_GPU"},
      {"64, Row Remapper Error: (0x1) - All reserved rows for bank are remapped",
       "64 0000:05:00.0 Fatal RESET_GPU/HARDWARE_INSPECTION"},
      {"64, DRAM Retirement failed due to x", "64 0000:05:00.0 Fatal RESET_GPU/CONTACT_SUPPORT"},
      {"64, DRAM Retirement failed due to no spare for retirement at 0x0000000000001234",
       "64 0000:05:00.0 Fatal RESET_GPU/HARDWARE_INSPECTION"},
      {"64, DRAM Retirement failed due to pending row remap at 0x0000000000001234",
       "64 0000:05:00.0 Critical RESET_GPU"},
      {"136, NVLink: Link training failed for links 0x3f(0x1, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0)",
       "136 0000:05:00.0 Fatal RESET_GPU/INVESTIGATE_LINK"},
      {"94, Contained: SM (0x1). RST: No, D-RST: No",
       "94 0000:05:00.0 Critical RESTART_APPLICATION/RESET_GPU"},
      {"94, Ch 00000008", "94 0000:05:00.0 Critical RESTART_APPLICATION/RESET_GPU"},
      {"94, Contained: SM (0x1). RST: No, D-RST: Yes",
       "94 0000:05:00.0 Critical RESET_GPU/RUN_FIELD_DIAGNOSTICS"},
      {"95, Uncontained: FBHUB.", "95 0000:05:00.0 Fatal RESET_GPU/RUN_FIELD_DIAGNOSTICS"},
      {"154, GPU recovery action changed from 0x0 (None) to 0x1 (GPU Reset Required)",
       "154 0000:05:00.0 Fatal RESET_GPU"},
      {"154, GPU recovery action changed from 0x1 (GPU Reset Required) to 0x2 (Node Reboot "
       "Required)",
       "154 0000:05:00.0 Fatal REBOOT_SYSTEM"},
      {"154, GPU recovery action changed from 0x0 (None) to 0x3 (Drain P2P)",
       "154 0000:05:00.0 Critical RESTART_APPLICATION/RESET_GPU"},
      {"154, GPU recovery action changed from 0x0 (None) to 0x4 (Drain and Reset)",
       "154 0000:05:00.0 Fatal RESET_GPU"},
      {"154, GPU recovery action changed from 0x2 (Node Reboot Required) to 0x0 (None)",
       "154 0000:05:00.0 Info IGNORE_NO_ACTION_REQUIRED"},
      {"154, words to come", "154 0000:05:00.0 Warning FOLLOW_RELATED_EVENT/FOLLOW_RELATED_EVENT"},
      {"999, pid=1, name=init, x", "999 0000:05:00.0 Warning CONTACT_SUPPORT"},
  };
  for (const auto& [text, verdict] : rows) EXPECT_EQ(Verdict(text), verdict) << text;
}

TEST(XidWords, RegistersOfAnNvlinkTellHardwareFromEcho) {
  const auto with = [](const std::string& registers) {
    return Verdict("74, pid='<unknown>', name=<unknown>, NVLink: fatal error detected on link 14(" +
                   registers + ")");
  };
  EXPECT_EQ(with("0x10000, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0"),
            "74 0000:05:00.0 Fatal RESET_GPU/HARDWARE_INSPECTION");
  EXPECT_EQ(with("0x0, 0x0, 0x0, 0x20000, 0x0, 0x0, 0x0"),
            "74 0000:05:00.0 Fatal RESET_GPU/INVESTIGATE_PEER");
  EXPECT_EQ(with("0x0, 0x0, 0x0, 0x40000, 0x0, 0x0, 0x0"),
            "74 0000:05:00.0 Fatal RESET_FABRIC/INVESTIGATE_PEER");
  EXPECT_EQ(with("0x0, 0x0, 0x0, 0x0, 0x100000, 0x0, 0x0"),
            "74 0000:05:00.0 Warning IGNORE_NO_ACTION_REQUIRED/INVESTIGATE_LINK");
  EXPECT_EQ(with("0x1, 0x0, 0x0, 0x20000, 0x0, 0x0, 0x0"),
            "74 0000:05:00.0 Fatal RESET_GPU/INVESTIGATE_PEER")
      << "the gravest bit decides";
  EXPECT_EQ(with("0x0, 0x0, 0x0, 0x0, 0x0, 0x0, 0x0"),
            "74 0000:05:00.0 Fatal RESET_GPU/INVESTIGATE_LINK");
  EXPECT_EQ(with("0x10000, 0x0"), "74 0000:05:00.0 Fatal RESET_GPU/INVESTIGATE_LINK");
  EXPECT_EQ(Verdict("74, NVLink: failed to train link 3 to remote PCI:0000:07:00"),
            "74 0000:05:00.0 Fatal RESET_GPU/INVESTIGATE_LINK");
}

TEST(XidWords, NvlinkFiveIsLookedUpAndTheWordInTheLineIsStronger) {
  const std::pair<const char*, const char*> rows[] = {
      {"149, NETIR_LINK_EVT Fatal   XC0 i0 Link 08 (0x004505c6 0x00000000 0x0 0x0)",
       "149.NETIR_LINK_EVT 0000:05:00.0 Fatal RESET_GPU/INVESTIGATE_LINK"},
      {"149, pid=7, name=a b, NETIR_BER_EVENT Nonfatal XC0 i0 Link 08 (0x00000226 0x00000001)",
       "149.NETIR_BER_EVENT 0000:05:00.0 Warning IGNORE_NO_ACTION_REQUIRED/INVESTIGATE_LINK"},
      {"145, RLW_UNKNOWN Nonfatal XC1 i0 Link -1 (0x00000007 0x00000001 0x00000000)",
       "145.RLW_UNKNOWN 0000:05:00.0 Warning CONTACT_SUPPORT"},
      {"147, TREX_SRC Fatal XC0 i0 Link 00 (0x00000000 0x00000000)",
       "147.TREX_SRC 0000:05:00.0 Fatal CONTACT_SUPPORT"},
      {"144, SAW_MVB Fatal XC0 i0 Link -1 (0x00000001 0x00000004)",
       "144.SAW_MVB 0000:05:00.0 Fatal CONTACT_SUPPORT/IGNORE_NO_ACTION_REQUIRED"},
      {"148, NVLPW_CTRL Fatal XC0 i0 Link 05", "148.NVLPW_CTRL 0000:05:00.0 Fatal CONTACT_SUPPORT"},
      {"150, MSE degraded  Fatal   XC0 i0 Link -1 (0x00000480 0x00000000 0x0)",
       "150.MSE_DEGRADED 0000:05:00.0 Fatal RESET_GPU/CONTACT_SUPPORT"},
      {"149, pid=7, name=a, b, NETIR_BER_EVENT Nonfatal XC0 i0 Link 08 (0x00000226 0x00000001)",
       "149.NETIR_BER_EVENT 0000:05:00.0 Warning IGNORE_NO_ACTION_REQUIRED/INVESTIGATE_LINK"},
      {"146, short form", "146 0000:05:00.0 Warning CONTACT_SUPPORT"},
  };
  for (const auto& [text, verdict] : rows) EXPECT_EQ(Verdict(text), verdict) << text;
}

TEST(XidWords, KeepWhoWhereAndWhy) {
  const auto found = Find(
      kType,
      {"NVRM: GPU at 0000:05:00: GPU-509665ad-b600-ac93-3616-d754b23d636d",
       "NVRM: Xid (PCI:0000:05:00 GPU-I:01): 119, pid=12, name=nvidia-smi, Timeout after 6s of "
       "waiting for RPC response from GPU4 GSP! Expected function 76 (GSP_RM_CONTROL) sequence "
       "88211 (0x20801813 0x4c)."});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].details,
            (std::map<std::string, std::string>{{"xid", "119"},
                                                {"pid", "12"},
                                                {"process", "nvidia-smi"},
                                                {"mig", "GPU-I:01"},
                                                {"gpu_uuid",
                                                 "GPU-509665ad-b600-ac93-3616-"
                                                 "d754b23d636d"},
                                                {"seconds", "6"},
                                                {"function", "76"},
                                                {"function_name", "GSP_RM_CONTROL"},
                                                {"rpc_sequence", "88211"}}));
  EXPECT_EQ(found[0].message,
            "Xid 119 on 0000:05:00.0 GPU-I:01: Timeout after 6s of waiting for RPC response from "
            "GPU4 GSP! Expected function 76 (GSP_RM_CONTROL) sequence 88211 (0x20801813 0x4c). "
            "(process nvidia-smi, pid 12)");
}

/// Numbers are codes of one device, R a reboot, "/" in front of a number another device.
HealthState After(std::string_view sequence) {
  Inputs in;
  WallTime time{std::chrono::seconds(1'772'352'000)};
  std::vector<Event> events;
  std::vector<WallTime> reboots;
  for (std::string_view word : SplitBlanks(sequence)) {
    time += std::chrono::minutes(10);
    if (word == "R") {
      reboots.insert(reboots.begin(), time);
      continue;
    }
    const bool other = word.front() == '/';
    if (other) word.remove_prefix(1);
    auto matched = Match(kType, {"NVRM: Xid (PCI:0000:" + std::string(other ? "06" : "05") +
                                 ":00): " + std::string(word) + ", x"});
    matched.at(0).time = time;
    events.insert(events.begin(), matched[0]);
  }
  in.SetNow(BootTime(std::chrono::hours(1000)), time);
  in.SetHistory(events, reboots, {});
  return kType.check(in).states.at(0);
}

std::string Summary(const HealthState& state) {
  std::string text(Word(*state.health));
  if (state.suggested_actions)
    text += " " + std::string(Word(state.suggested_actions->repair_actions.at(0)));
  return text;
}

TEST(Xid, StateFollowsTheSequencesOfTheSpecification) {
  const std::pair<const char*, const char*> rows[] = {
      {"79", "Unhealthy REBOOT_SYSTEM"},
      {"79 R", "Healthy"},
      {"79 R 79", "Unhealthy REBOOT_SYSTEM"},
      {"79 79 R 79", "Unhealthy REBOOT_SYSTEM"},
      {"79 R 79 R 79", "Unhealthy HARDWARE_INSPECTION"},
      {"79 R R 79", "Unhealthy REBOOT_SYSTEM"},  // the first reboot was not in vain
      {"79 R 79 R 79 R", "Unhealthy HARDWARE_INSPECTION"},
      {"94 R 94 R 94 R 94", "Degraded CHECK_USER_APP_AND_GPU"},  // of a program: never a reboot
      {"54", "Degraded HARDWARE_INSPECTION"},
      {"54 R", "Degraded HARDWARE_INSPECTION"},
      {"54 79", "Unhealthy HARDWARE_INSPECTION"},   // the stronger action wins
      {"54 79 R", "Degraded HARDWARE_INSPECTION"},  // and a reboot does not clear it
      {"79 13", "Unhealthy REBOOT_SYSTEM"},
      {"13 79", "Unhealthy REBOOT_SYSTEM"},
      {"79 R 48", "Unhealthy REBOOT_SYSTEM"},
      {"79 48 R 48 R 48", "Unhealthy HARDWARE_INSPECTION"},
      {"79 R /79 R /79", "Unhealthy REBOOT_SYSTEM"},  // counted for each device
      {"13", "Healthy"},  // a suggestion only with a health that is not good
      {"13 R", "Healthy"},
      {"45", "Healthy"},
      {"1", "Healthy"},
      {"137 1", "Healthy"},
      {"63", "Healthy"},
      {"", "Healthy"}};
  for (const auto& [sequence, expected] : rows) {
    EXPECT_EQ(Summary(After(sequence)), expected) << sequence;
  }
}

TEST(Xid, NamesEveryOpenFaultAndItsDevice) {
  const HealthState state = After("79 /48 94");
  EXPECT_EQ(state.name, "error_xid");
  EXPECT_EQ(state.reason, "Xid 79 on 0000:05:00.0, Xid 48 on 0000:06:00.0, Xid 94 on 0000:05:00.0");
}

TEST(Xid, AFaultThatWasOnlyInjectedSaysSoUntilTheKernelReportsItToo) {
  const auto reason = [](std::initializer_list<Origin> newest_first) {
    Inputs in;
    in.SetNow(BootTime(std::chrono::hours(2)), WallTime(std::chrono::hours(1000)));
    std::vector<Event> events;
    for (const Origin origin : newest_first) {
      events.push_back({.time = in.Now(),
                        .name = "error_xid",
                        .type = EventType::kFatal,
                        .extra_info = {{"code", "79"},
                                       {"action", "REBOOT_SYSTEM"},
                                       {"xid", "79"},
                                       {"device", "0000:05:00.0"}},
                        .origin = origin});
    }
    in.SetHistory(std::move(events), {}, {});
    return kType.check(in).states.at(0).reason;
  };
  EXPECT_EQ(reason({Origin::kInjected}), "Xid 79 on 0000:05:00.0 [injected]");
  EXPECT_EQ(reason({Origin::kInjected, Origin::kKernel}), "Xid 79 on 0000:05:00.0");
  EXPECT_EQ(reason({Origin::kKernel, Origin::kInjected}), "Xid 79 on 0000:05:00.0");
}

TEST(Xid, CountsReportsSinceBoot) {
  Inputs in;
  in.SetNow(BootTime(std::chrono::hours(2)), WallTime(std::chrono::hours(1000)));
  const auto event = [&](int hours_ago) {
    return Event{.time = in.Now() - std::chrono::hours(hours_ago),
                 .name = "error_xid",
                 .extra_info = {{"xid", "13"}, {"device", "0000:05:00.0"}}};
  };
  Event folded = event(1);
  folded.extra_info["count"] = "5";
  in.SetHistory({event(0), folded, event(3)}, {}, {});
  EXPECT_EQ(SampleOf(kType.check(in), "accelerator_nvidia_xid_errors_total",
                     {{"uuid", "0000:05:00.0"}, {"xid", "13"}}),
            6);
}

TEST(Xid, IsSupportedByHardwareModuleOrHistory) {
  Inputs in;
  EXPECT_FALSE(kType.supported(in).supported);
  EXPECT_NE(kType.supported(in).reason, "");
  in.SetHistory({{.name = "error_xid", .extra_info = {{"xid", "79"}, {"device", "x"}}}}, {}, {});
  EXPECT_TRUE(kType.supported(in).supported);
  Inputs hardware;
  hardware.Put<sysfs::PciDevices>(
      sysfs::PciDevices{{{"0000:19:00.0", sysfs::kNvidiaVendor, 0x030200}}});
  EXPECT_TRUE(kType.supported(hardware).supported);
  Inputs module;
  module.Put<procfs::Modules>(procfs::Modules{{"nvidia"}});
  EXPECT_TRUE(kType.supported(module).supported);
}

}  // namespace
}  // namespace gpud::nvidia_xid
