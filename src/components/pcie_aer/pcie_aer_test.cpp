// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "components/component.h"
#include "components/pcie_aer/aer_bits.h"
#include "testing/component_kit.h"

namespace gpud::pcie_aer {
extern const ComponentType kType;
namespace {

using Lines = std::vector<std::string>;

TEST(AerLines, TellOfEachReportInOldAndNewWords) {
  constexpr const char* kCorrected = "aer_correctable 0000:9b:00.0 info IGNORE_NO_ACTION_REQUIRED";
  constexpr const char* kMultiple = "aer_correctable 0000:9b:00.0 warning INVESTIGATE_LINK";
  constexpr const char* kNonFatalRow = "aer_nonfatal 0000:9b:00.0 critical HARDWARE_INSPECTION";
  constexpr const char* kFatalRow = "aer_fatal 0000:9b:00.0 fatal REBOOT_SYSTEM";
  const std::pair<const char*, const char*> rows[] = {
      {"AER: Correctable error message received from 0000:9b:00.0", kCorrected},
      {"AER: Correctable error message received from 0000:9b:00.0 (no details found", kCorrected},
      {"AER: Corrected error received: 0000:9b:00.0", kCorrected},
      {"AER: Corrected error received: id=9b00", kCorrected},
      {"AER: Corrected error received: id=00e8",
       "aer_correctable 0000:00:1d.0 info IGNORE_NO_ACTION_REQUIRED"},
      {"AER: Multiple Correctable error message received from 0000:9b:00.0", kMultiple},
      {"AER: Multiple Corrected error received: id=9b00", kMultiple},
      {"AER: Uncorrectable (Non-Fatal) error message received from 0000:9b:00.0", kNonFatalRow},
      {"AER: Multiple Uncorrected (Non-Fatal) error received: 0000:9b:00.0", kNonFatalRow},
      {"AER: Uncorrected (Non-Fatal) error received: id=9b00", kNonFatalRow},
      {"AER: Uncorrectable (Fatal) error message received from 0000:9b:00.0", kFatalRow},
      {"AER: Uncorrected (Fatal) error received: id=9b00", kFatalRow},
      {"AER: can't recover (no error_detected callback)",
       "aer_recovery_failed 0000:97:01.0 critical REBOOT_SYSTEM"},
      {"can't recover (no error_detected callback)",
       "aer_recovery_failed 0000:97:01.0 critical REBOOT_SYSTEM"},
      {"AER: device recovery failed", "aer_recovery_failed 0000:97:01.0 critical REBOOT_SYSTEM"},
      {"AER: Device recovery failed", "aer_recovery_failed 0000:97:01.0 critical REBOOT_SYSTEM"},
      {"AER: Device recovery from fatal error failed",
       "aer_recovery_failed 0000:97:01.0 critical REBOOT_SYSTEM"},
      {"AER: subordinate device reset failed",
       "aer_recovery_failed 0000:97:01.0 critical REBOOT_SYSTEM"},
      {"AER: device recovery successful",
       "aer_recovered 0000:97:01.0 info IGNORE_NO_ACTION_REQUIRED"},
      {"DPC: containment event, status:0x1f01 source:0x0000",
       "dpc_containment 0000:97:01.0 fatal REBOOT_SYSTEM"},
      {"DPC: containment event, status:0x1f01: unmasked uncorrectable error detected",
       "dpc_containment 0000:97:01.0 fatal REBOOT_SYSTEM"},
      {"DPC: unmasked uncorrectable error detected",
       "dpc_uncorrectable 0000:97:01.0 fatal REBOOT_SYSTEM"},
      {"DPC: containment event, status:0x200d, ERR_FATAL received from 0000:9b:00.0",
       "dpc_containment 0000:97:01.0 fatal REBOOT_SYSTEM"},
      {"DPC: ERR_FATAL received from 0000:9b:00.0",
       "dpc_uncorrectable 0000:97:01.0 fatal REBOOT_SYSTEM"},
      {"DPC: ERR_FATAL detected", "dpc_uncorrectable 0000:97:01.0 fatal REBOOT_SYSTEM"},
      {"EDR: EDR event received", "edr_event 0000:97:01.0 critical HARDWARE_INSPECTION"},
      {"PCIe Bus Error: severity=Corrected, type=Physical Layer, id=9708(Receiver ID)",
       "aer_correctable 0000:97:01.0 info IGNORE_NO_ACTION_REQUIRED"},
      {"AER: PCIe Bus Error: severity=Uncorrected (Fatal), type=Inaccessible, (Unregistered Agent "
       "ID)",
       "aer_fatal 0000:97:01.0 fatal REBOOT_SYSTEM"},
      {"aer_status: 0x00001000, aer_mask: 0x00002000",
       "aer_correctable 0000:97:01.0 info IGNORE_NO_ACTION_REQUIRED"},
      {"AER: aer_status: 0x00004000, aer_mask: 0x00000000",
       "aer_nonfatal 0000:97:01.0 critical HARDWARE_INSPECTION"},
      {"AER: aer_uncor_status: 0x00100000, aer_uncor_mask: 0x00000000",
       "aer_nonfatal 0000:97:01.0 critical HARDWARE_INSPECTION"}};
  for (const auto& [text, told] : rows) {
    EXPECT_EQ(Told(kType, std::string("pcieport 0000:97:01.0: ") + text), told) << text;
  }
  EXPECT_EQ(Told(kType,
                 "dpc 0000:10:00.0:pcie010: DPC containment event, status:0x1f0b "
                 "source:0x0000"),
            "dpc_containment 0000:10:00.0 fatal REBOOT_SYSTEM");
  EXPECT_EQ(Told(kType, "pcieport 10000:e0:06.0: AER: Corrected error received: id=e100"),
            "aer_correctable 10000:e1:00.0 info IGNORE_NO_ACTION_REQUIRED");
}

TEST(AerLines, AreSilentOnStartUpAndProgress) {
  for (const char* text :
       {"AER: enabled with IRQ 35", "DPC: enabled with IRQ 35", "PME: Signaling with IRQ 35",
        "DPC: error containment capabilities: Int Msg #0, RPExt+ PoisonedTLP+ SwTrigger+",
        "DPC: software trigger detected", "AER: broadcast error_detected message",
        "AER: broadcast resume message", "AER: Root Port link has been reset (0)",
        "AER:   Error of this Agent is reported first", "AER: can't find device of ID9b00",
        "device [10de:2330] error status/mask=00000001/0000a000", "   [12] Timeout",
        "AER:   TLP Header: 60000001 9b00000f 00000000 00000000",
        "aer_status: 0x00000000, aer_mask: 0x04500000",
        "aer_status: 0x00002000, aer_mask: 0x00002000"}) {
    EXPECT_EQ(Told(kType, std::string("pcieport 0000:97:01.0: ") + text), "") << text;
  }
  EXPECT_EQ(Told(kType, "{1}[Hardware Error]:   aer_uncor_status: 0x00100000, aer_uncor_mask: 0x0"),
            "");
  EXPECT_EQ(Told(kType, "acpi PNP0A08:00: _OSC: OS now controls [PCIeHotplug AER DPC]"), "");
}

TEST(AerLines, AReportIsOneFindingWithWhatItsOtherLinesTell) {
  const auto found = Find(
      kType, {"pcieport 0000:97:01.0: AER: Corrected error received: 0000:9b:00.0",
              "nvidia 0000:9b:00.0: AER: PCIe Bus Error: severity=Corrected, type=Physical Layer, "
              "(Receiver ID)",
              "nvidia 0000:9b:00.0: AER:   device [10de:2330] error status/mask=00001040/0000a000",
              "nvidia 0000:9b:00.0: AER:    [ 6] BadTLP                 (First)",
              "nvidia 0000:9b:00.0: AER:   TLP Header: 60000001 9b00000f 00000000 00000000"});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].details, (std::map<std::string, std::string>{
                                  {"layer", "Physical Layer"},
                                  {"agent", "Receiver ID"},
                                  {"errors", "BadTLP, Timeout"},
                                  {"first_error", "BadTLP"},
                                  {"tlp_header", "60000001 9b00000f 00000000 00000000"}}));
  EXPECT_EQ(found[0].family, "pci");
}

TEST(AerLines, ADescriptionWithoutAReportIsTakenForOneAndAWrongSourceIsNot) {
  const std::string bus_error =
      "nvme 0000:01:00.0: PCIe Bus Error: severity=Correctable, type=Physical Layer, (Receiver ID)";
  EXPECT_EQ(Find(kType, {bus_error, bus_error}).size(), 2u);
  const auto wrong =
      Find(kType, {"pcieport 0000:00:1d.0: AER: Corrected error received: id=0000", bus_error});
  ASSERT_EQ(wrong.size(), 1u);
  EXPECT_EQ(wrong[0].details.at("reporter"), "0000:01:00.0");
  EXPECT_EQ(Find(kType, {"pcieport 0000:00:1d.0: DPC: containment event, status:0x1f01 source:0x0",
                         "pcieport 0000:00:1d.0: PCIe Bus Error: severity=Uncorrected (Fatal), "
                         "type=Transaction Layer, (Receiver ID)"})
                .size(),
            1u)
      << "the port describes why it was shut";
}

TEST(AerLines, AReportIsOneFindingWhateverLinesOfOthersStandInIt) {
  const auto report = [](const std::string& port, const std::string& device) -> Lines {
    return {"pcieport " + port + ": AER: Multiple Corrected error received: " + device,
            "pcieport " + port +
                ": PCIe Bus Error: severity=Corrected, type=Physical Layer, "
                "(Receiver ID)",
            "pcieport " + port + ":   device [8086:1] error status/mask=00000001/00002000",
            "nvme " + device +
                ": PCIe Bus Error: severity=Corrected, type=Physical Layer, "
                "(Receiver ID)",
            "nvme " + device + ":   device [144d:a808] error status/mask=00000001/0000e000",
            "nvme " + device + ":    [ 0] RxErr                  (First)"};
  };
  Lines lines;
  const Lines a = report("0000:00:01.0", "0000:01:00.0");
  const Lines b = report("0000:00:1d.0", "0000:05:00.0");
  for (std::size_t i = 0; i < a.size(); ++i) {
    lines.push_back(a[i]);
    lines.push_back(b[i]);
    lines.push_back("pcieport 0000:97:01.0: AER: Corrected error received: 0000:9b:00.0");
  }
  EXPECT_EQ(Find(kType, lines).size(), 2u + a.size());
}

TEST(AerLines, APortThatNamesAWrongSourceDescribesItsOwnError) {
  Lines lines = {
      "pcieport 0000:00:03.1: AER: Correctable error message received from 0000:00:00.0"};
  lines.resize(20, "pcieport 0000:97:01.0: AER: broadcast resume message");
  lines.push_back(
      "pcieport 0000:00:03.1: PCIe Bus Error: severity=Correctable, type=Data Link Layer, "
      "(Transmitter ID)");
  EXPECT_EQ(Find(kType, lines).size(), 1u);
}

TEST(AerLines, WhatHasRecoveredIsTheDeviceThatHadFailed) {
  const auto found =
      Find(kType, {"pcieport 0000:97:01.0: AER: Uncorrectable (Non-Fatal) error message received "
                   "from 0000:9b:00.0",
                   "pcieport 0000:97:01.0: AER: device recovery successful"});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[1].device, "0000:9b:00.0");
  EXPECT_TRUE(found[1].clears);
}

TEST(AerBits, NameTheErrorsAndTellTheRegisterWhereTheLineDoesNot) {
  EXPECT_EQ(ErrorNames(0x1001, true), "RxErr, Timeout");
  EXPECT_EQ(ErrorNames(0x44000, false), "CmpltTO, MalfTLP");
  EXPECT_EQ(ErrorNames(0x2, true), "bit 1");
  EXPECT_TRUE(IsCorrectable(0x2000));
  EXPECT_FALSE(IsCorrectable(0x4000));
  EXPECT_FALSE(IsCorrectable(0x100000));
}

HealthState StateAfter(const Lines& lines, int corrected) {
  std::vector<Event> events = Match(kType, lines);
  std::vector<Event> newest_first(events.rbegin(), events.rend());
  if (!newest_first.empty()) newest_first[0].extra_info["count"] = std::to_string(corrected);
  Inputs in;
  in.SetNow(BootTime(std::chrono::hours(9)),
            (newest_first.empty() ? WallTime{} : newest_first[0].time) + std::chrono::minutes(1));
  in.SetHistory(std::move(newest_first), {}, {});
  return kType.check(in).states.at(0);
}

TEST(PcieAer, ManyCorrectedErrorsWithinAnHourDegradeAndFewDoNot) {
  const Lines one = {"pcieport 0000:97:01.0: AER: Corrected error received: 0000:9b:00.0"};
  EXPECT_EQ(StateAfter(one, 99).health, Health::kHealthy);
  const HealthState many = StateAfter(one, 100);
  EXPECT_EQ(many.health, Health::kDegraded);
  EXPECT_EQ(many.reason,
            "many corrected errors of the PCIe link on 0000:9b:00.0 (100 times within an hour)");
  EXPECT_EQ(many.suggested_actions->description, OperatorText(Advice::kInvestigateLink));
}

TEST(PcieAer, AFatalErrorIsUnhealthyUntilItsRecovery) {
  Lines lines = {
      "pcieport 0000:97:01.0: AER: Uncorrectable (Fatal) error message received from 0000:9b:00.0"};
  EXPECT_EQ(StateAfter(lines, 1).health, Health::kUnhealthy);
  lines.push_back("pcieport 0000:97:01.0: AER: device recovery successful");
  EXPECT_EQ(StateAfter(lines, 1).health, Health::kHealthy);
}

}  // namespace
}  // namespace gpud::pcie_aer
