// SPDX-License-Identifier: Apache-2.0
#include "catalog/catalog.h"

#include <gtest/gtest.h>

#include "catalog/explain.h"
#include "catalog/rules.h"

namespace gpud::catalog {
namespace {

using Problems = std::vector<std::string>;

Overlay Parsed(std::string_view json, Problems& problems) {
  const auto document = ParseJson(json);
  EXPECT_TRUE(document) << json;
  return ParseOverlay(*document, problems);
}

Catalog Site(std::string_view json) {
  Problems problems;
  Catalog catalog(Parsed(json, problems));
  EXPECT_EQ(problems, Problems{});
  return catalog;
}

TEST(Tables, HaveEveryCodeOfTheDataWithItsTexts) {
  EXPECT_EQ(AllXids().size(), 178u);
  EXPECT_EQ(AllSxids().size(), 400u);
  const XidRow* xid = FindXid(79);
  ASSERT_TRUE(xid);
  EXPECT_EQ(xid->mnemonic, "ROBUST_CHANNEL_GPU_HAS_FALLEN_OFF_THE_BUS");
  EXPECT_EQ(xid->meaning, "GPU no longer answers on PCIe (fell off the bus)");
  EXPECT_EQ(xid->category, Category::kBus);
  EXPECT_EQ(xid->severity, EventType::kFatal);
  EXPECT_EQ(xid->immediate, Advice::kRebootSystem);
  EXPECT_EQ(xid->investigatory, Advice::kHardwareInspection);
  EXPECT_TRUE(xid->reboot_worthy);
  EXPECT_TRUE(xid->xid154_linked);
  EXPECT_EQ(xid->peer_meta_gcm, "critical");
  EXPECT_EQ(xid->confidence, Confidence::kHigh);
  const SxidRow* sxid = FindSxid(20034);
  ASSERT_TRUE(sxid);
  EXPECT_EQ(sxid->unit, "DLPL");
  EXPECT_EQ(sxid->sxid_class, SxidClass::kFatal);
  EXPECT_EQ(sxid->peer_nvsentinel, "RESET_GPU:fatal");
  EXPECT_FALSE(FindXid(178));
  EXPECT_FALSE(FindSxid(79));
  EXPECT_TRUE(FindXid(0)->applies_to.empty());
}

TEST(Catalog, AnswersFromTheTableWhereNothingIsOverridden) {
  const Catalog catalog;
  const Verdict verdict = catalog.XidVerdict(79);
  EXPECT_EQ(verdict.severity, EventType::kFatal);
  EXPECT_EQ(verdict.action, Advice::kRebootSystem);
  EXPECT_EQ(verdict.follow_up, Advice::kHardwareInspection);
  EXPECT_TRUE(verdict.reboot_worthy);
  EXPECT_FALSE(verdict.overridden);
  EXPECT_EQ(catalog.SxidVerdict(20034).action, Advice::kResetGpu);
}

TEST(Catalog, ACodeThatNobodyKnowsIsAWarningForTheVendor) {
  const Verdict verdict = Catalog().XidVerdict(4711);
  EXPECT_EQ(verdict.severity, EventType::kWarning);
  EXPECT_EQ(verdict.action, Advice::kContactSupport);
  EXPECT_FALSE(verdict.reboot_worthy);
}

TEST(Catalog, AnOverlayChangesOnlyWhatItNames) {
  const Catalog catalog = Site(
      R"({"xid": {"13": {"severity": "info", "action": "IGNORE_NO_ACTION_REQUIRED", "note": "lab"},
                  "79": {"follow_up": "CONTACT_SUPPORT"}},
          "sxid": {"20034": {"action": "HARDWARE_INSPECTION"}}})");
  const Verdict lab = catalog.XidVerdict(13);
  EXPECT_EQ(lab.severity, EventType::kInfo);
  EXPECT_EQ(lab.action, Advice::kIgnore);
  EXPECT_EQ(lab.follow_up, FindXid(13)->investigatory);
  EXPECT_TRUE(lab.overridden);
  EXPECT_EQ(lab.note, "lab");
  EXPECT_EQ(catalog.XidVerdict(79).action, Advice::kRebootSystem);
  EXPECT_EQ(catalog.XidVerdict(79).follow_up, Advice::kContactSupport);
  EXPECT_TRUE(catalog.XidVerdict(79).reboot_worthy);
  EXPECT_FALSE(catalog.XidVerdict(31).overridden);
  // Whoever wants an inspection does not want a reboot instead of it.
  EXPECT_FALSE(catalog.SxidVerdict(20034).reboot_worthy);
}

TEST(Catalog, WhatIsOnlyInfoIsNeverWorthAReboot) {
  ASSERT_TRUE(FindSxid(12028)->reboot_worthy);
  EXPECT_FALSE(
      Site(R"({"sxid": {"12028": {"severity": "info"}}})").SxidVerdict(12028).reboot_worthy);
}

TEST(Catalog, AnOverlayMayAddACode) {
  const Catalog catalog =
      Site(R"({"xid": {"900": {"severity": "fatal", "action": "RESET_GPU", "note": "beta"}}})");
  EXPECT_EQ(catalog.XidVerdict(900).action, Advice::kResetGpu);
  EXPECT_TRUE(catalog.XidVerdict(900).reboot_worthy);
  const auto fault = ExplainXid(900, catalog);
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->meaning, "not in the catalogue; this site's own verdict");
  EXPECT_EQ(fault->replaced->note, "beta");
  EXPECT_EQ(fault->replaced->severity, "");
}

TEST(Overlay, NamesAllThatIsWrongAtOnceAndLeavesThoseCodesOut) {
  Problems problems;
  const Overlay overlay = Parsed(
      R"({"xids": {},
          "xid": {"13": {"severity": "meh", "action": "PANIC", "sevrity": "info"},
                  "abc": {"severity": "info"},
                  "31": {"note": 7},
                  "43": {"note": "kept"},
                  "043": {"note": "again"},
                  "48": {},
                  "900": {"severity": "info"}},
          "sxid": []})",
      problems);
  EXPECT_EQ(
      problems,
      (Problems{
          "unknown key \"xids\"; there are xid and sxid",
          "xid 13: severity: \"meh\" is not one of info, warning, critical, fatal",
          "xid 13: action: \"PANIC\" is no action (docs/xid.md lists them, such as RESET_GPU)",
          "xid 13: unknown key \"sevrity\"; there are severity, action, follow_up and note",
          "xid abc: is not a code (a number)", "xid 31: note: must be a text",
          "xid 043: given twice", "xid 48: says nothing; give severity, action, follow_up or note",
          "xid 900: the catalogue does not have it, so severity and action are needed",
          "sxid: must be a map from codes to what changes"}));
  EXPECT_EQ(overlay.xid.size(), 1u);
  EXPECT_EQ(overlay.xid.at(43).note, "kept");
  EXPECT_TRUE(overlay.sxid.empty());
  problems.clear();
  Parsed("[]", problems);
  EXPECT_EQ(problems, Problems{"must be a map with the keys xid and sxid"});
}

TEST(Overlay, RefusesWhatContradictsItselfOnceItStandsUponTheCatalogue) {
  const std::pair<const char*, const char*> kCases[] = {
      {R"({"xid": {"79": {"action": "IGNORE_NO_ACTION_REQUIRED"}}})",
       "xid 79: contradiction: fatal, yet no action is required (fatal, "
       "IGNORE_NO_ACTION_REQUIRED)"},
      {R"({"xid": {"63": {"severity": "fatal"}}})",
       "xid 63: contradiction: fatal, yet no action is required (fatal, "
       "IGNORE_NO_ACTION_REQUIRED)"},
      {R"({"sxid": {"20034": {"severity": "Info"}}})",
       "sxid 20034: contradiction: info, yet something must be reset or restarted (info, "
       "RESET_GPU)"},
  };
  for (const auto& [json, problem] : kCases) {
    Problems problems;
    EXPECT_TRUE(Parsed(json, problems).empty());
    EXPECT_EQ(problems, Problems{problem});
  }
}

TEST(SiteCatalog, IsTheOneThatWasInstalled) {
  Problems problems;
  InstallOverlay(Parsed(R"({"xid": {"13": {"severity": "critical"}}})", problems));
  EXPECT_EQ(SiteCatalog().XidVerdict(13).severity, EventType::kCritical);
  InstallOverlay({});
  EXPECT_EQ(SiteCatalog().XidVerdict(13).severity, EventType::kWarning);
}

TEST(Explain, TellsCausesOnceAndTheWordsOfOtherTools) {
  const Catalog plain;
  const auto fault = ExplainXid(79, plain);
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->causes, (std::vector<std::string_view>{"PCIe bus", "hardware", "driver",
                                                          "system memory", "heat"}));
  EXPECT_EQ(fault->products, (std::vector<std::string_view>{"A100", "H100", "B100", "GB200"}));
  EXPECT_EQ(fault->peers.at(1).tool, "leptonai/gpud");
  EXPECT_EQ(fault->peers.at(1).says, "fatal: REBOOT_SYSTEM, HARDWARE_INSPECTION");
  EXPECT_EQ(fault->sources, "nverror.h, NVIDIA catalog, gpud-go, legacy cause table");
  EXPECT_TRUE(fault->remark.starts_with("Needs a node restart"));
  EXPECT_EQ(fault->reboot, "is the recovery");
  EXPECT_FALSE(fault->replaced);
  EXPECT_FALSE(ExplainXid(4711, plain));
  EXPECT_EQ(ExplainSxid(10001, plain)->log_texts.size(), 4u);
}

TEST(Explain, ListsTheRowsOfAnNvlink5Code) {
  const auto fault = ExplainXid(150, Catalog());
  ASSERT_TRUE(fault);
  ASSERT_EQ(fault->nvlink5.size(), 2u);
  EXPECT_EQ(fault->nvlink5[0].error_status, "0x00000000 or 0xffffffff");
  EXPECT_EQ(fault->nvlink5[0].unit_before_r575, "");
}

}  // namespace
}  // namespace gpud::catalog
