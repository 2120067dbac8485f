// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "components/machine_check/status_word.h"
#include "testing/component_kit.h"

namespace gpud::machine_check {
extern const ComponentType kType;
namespace {

TEST(StatusWord, TellsTheKindAndTheUnitOfAnError) {
  EXPECT_EQ(KindOf(0x8c00004000010090), ErrorKind::kCorrected);
  EXPECT_EQ(KindOf(0xbd80000000100134), ErrorKind::kUncorrected);
  EXPECT_EQ(KindOf(0xbea0000000000108), ErrorKind::kFatal);
  EXPECT_EQ(KindOf(0x0000000088290003), ErrorKind::kNone);
  EXPECT_TRUE(Overflowed(0xe600000000020408));
  EXPECT_EQ(UnitOf(0x8c00004000010090), "memory controller");
  EXPECT_EQ(UnitOf(0xe600000000020408), "internal");
  EXPECT_EQ(UnitOf(0xbd80000000100134), "cache");
  EXPECT_EQ(UnitOf(0xf200000000800400 | 0x0e0b), "bus and interconnect");
}

TEST(MachineCheck, TellsWhatTheLinesSay) {
  const std::pair<const char*, const char*> rows[] = {
      {"mce: [Hardware Error]: CPU 3: Machine Check: 0 Bank 7: 8c00004000010090",
       "mce_corrected - info IGNORE_NO_ACTION_REQUIRED"},
      {"[Hardware Error]: CPU 2: Machine Check Exception: 5 Bank 1: bd80000000100134",
       "mce_uncorrected - critical HARDWARE_INSPECTION"},
      {"mce: [Hardware Error]: CPU 2: Machine Check Exception: 4 Bank 5: bea0000000000108",
       "mce_fatal - fatal HARDWARE_INSPECTION"},
      {"mce: [Hardware Error]: Machine check: Processor context corrupt",
       "mce_fatal - fatal HARDWARE_INSPECTION"},
      {"mce: [Hardware Error]: Fatal local machine check", "mce_fatal - fatal HARDWARE_INSPECTION"},
      {"[Hardware Error]: Corrected error, no action required.",
       "mce_corrected - info IGNORE_NO_ACTION_REQUIRED"},
      {"[Hardware Error]: Deferred error, no action required.",
       "mce_deferred - warning IGNORE_NO_ACTION_REQUIRED"},
      {"[Hardware Error]: Uncorrected, software restartable error.",
       "mce_uncorrected - critical HARDWARE_INSPECTION"},
      {"[Hardware Error]: Uncorrected, software containable error.",
       "mce_uncorrected - critical HARDWARE_INSPECTION"},
      {"[Hardware Error]: System Fatal error.", "mce_fatal - fatal HARDWARE_INSPECTION"},
      {"CMCI storm detected: switching to poll mode",
       "mce_corrected_storm - warning HARDWARE_INSPECTION"},
      {"{1}[Hardware Error]: event severity: corrected",
       "cper_corrected - info IGNORE_NO_ACTION_REQUIRED"},
      {"{7}[Hardware Error]: event severity: recoverable",
       "cper_recoverable - critical HARDWARE_INSPECTION"},
      {"{2}[Hardware Error]: event severity: fatal", "cper_fatal - fatal HARDWARE_INSPECTION"}};
  for (const auto& [line, told] : rows) EXPECT_EQ(Told(kType, line), told) << line;
}

TEST(MachineCheck, IsSilentOnNotesAndStartUp) {
  for (const char* line :
       {"mce: [Hardware Error]: Machine check events logged",
        "mce: [Hardware Error]: CPU 0: Machine Check: 0 Bank 128: 000000008844000f",
        "mce: CPU0: Thermal monitoring enabled (TM1)", "mce: Using 20 MCE banks",
        "EDAC sbridge MC0: CPU 0: Machine Check Event: 0 Bank 7: 8c00004000010090",
        "mce: [Hardware Error]: Run the above through 'mcelog --ascii'",
        "{1}[Hardware Error]:   section_type: memory error",
        "CMCI storm subsided: switching to interrupt mode",
        "mce: [Hardware Error]: CPU 0: Machine Check: 0 Bank 7: 0000000000000000",
        "BERT: Boot Error Record Table support is disabled. Enable it by using bert_enable"}) {
    EXPECT_EQ(Told(kType, line), "") << line;
  }
}

TEST(MachineCheck, PutsTheLinesOfARecordIntoItsDetails) {
  const auto found =
      Find(kType,
           {"mce: [Hardware Error]: Machine check events logged",
            "mce: [Hardware Error]: CPU 3: Machine Check: 0 Bank 7: 8c00004000010090",
            "mce: [Hardware Error]: TSC 0 ADDR fd8d3c00 MISC 50207c86",
            "mce: [Hardware Error]: PROCESSOR 0:306f2 TIME 1700000000 SOCKET 1 APIC 0 microcode 1",
            "[Hardware Error]: Uncorrected, software containable error.",
            "[Hardware Error]: CPU:12 (19:1:1) MC17_STATUS[Over|UE|MiscV|-|-|AddrV]: 0xfc204000",
            "[Hardware Error]: Error Addr: 0x000000039f1e4d80",
            "[Hardware Error]: Unified Memory Controller Ext. Error Code: 0, DRAM ECC error.",
            "[Hardware Error]: cache level: L3/GEN, tx: GEN, mem-tx: RD"});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].details.at("cpu"), "3");
  EXPECT_EQ(found[0].details.at("bank"), "7");
  EXPECT_EQ(found[0].details.at("unit"), "memory controller");
  EXPECT_EQ(found[0].details.at("address"), "fd8d3c00");
  EXPECT_EQ(found[0].details.at("socket"), "1");
  EXPECT_EQ(found[1].details.at("cpu"), "12");
  EXPECT_EQ(found[1].details.at("bank"), "17");
  EXPECT_EQ(found[1].details.at("error"), "DRAM ECC error.");
}

TEST(MachineCheck, MakesOneFindingOfAFirmwareRecord) {
  const auto found = Find(
      kType, {"{1}[Hardware Error]: Hardware error from APEI Generic Hardware Error Source: 1",
              "{1}[Hardware Error]: It has been corrected by h/w and requires no further action",
              "{1}[Hardware Error]: event severity: corrected",
              "{1}[Hardware Error]:  Error 0, type: corrected",
              "{1}[Hardware Error]:   section_type: memory error",
              "{1}[Hardware Error]:    node: 0 card: 1 module: 0 rank: 1 bank: 3",
              "{1}[Hardware Error]:    error_type: 2, single-bit ECC",
              "{1}[Hardware Error]:   DIMM location: P0 DIMM A1",
              "{2}[Hardware Error]: event severity: fatal",
              "{1}[Hardware Error]:   fru_text: of another record",
              "{2}[Hardware Error]:   section_type: PCIe error",
              "{2}[Hardware Error]:   device_id: 0000:9b:00.0",
              "{2}[Hardware Error]:   vendor_id: 0x10de, device_id: 0x2330"});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].details.at("section"), "memory error");
  EXPECT_EQ(found[0].details.at("place"), "node: 0 card: 1 module: 0 rank: 1 bank: 3");
  EXPECT_EQ(found[0].details.at("dimm"), "P0 DIMM A1");
  EXPECT_EQ(found[1].details.at("pci_device"), "0000:9b:00.0");
  EXPECT_EQ(found[1].details.count("fru"), 0u);
}

TEST(MachineCheck, SaysThatARecordIsOfTheBootBefore) {
  const auto found = Find(
      kType, {"BERT: Error records from previous boot:", "[Hardware Error]: event severity: fatal",
              "[Hardware Error]:   section_type: IA32/X64 processor error"});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].code, "cper_fatal");
  EXPECT_EQ(found[0].details.at("previous_boot"), "true");
  EXPECT_EQ(found[0].details.at("section"), "IA32/X64 processor error");
}

TEST(MachineCheck, JudgesBySeverityAndOnlyWhereThereIsAnything) {
  Inputs in;
  in.SetNow(BootTime(std::chrono::hours(50)), WallTime(std::chrono::seconds(1'772'352'000)));
  EXPECT_FALSE(kType.supported(in).supported);
  const auto health = [&](const char* line, std::vector<WallTime> reboots) {
    auto events = Match(kType, {line});
    events.at(0).time = in.Now() - std::chrono::hours(1);
    in.SetHistory(std::move(events), std::move(reboots), {});
    EXPECT_TRUE(kType.supported(in).supported);
    return *kType.check(in).states.at(0).health;
  };
  EXPECT_EQ(health("{2}[Hardware Error]: event severity: fatal", {in.Now()}), Health::kUnhealthy);
  EXPECT_EQ(health("{2}[Hardware Error]: event severity: recoverable", {}), Health::kDegraded);
  EXPECT_EQ(health("{2}[Hardware Error]: event severity: corrected", {}), Health::kHealthy);
}

}  // namespace
}  // namespace gpud::machine_check
