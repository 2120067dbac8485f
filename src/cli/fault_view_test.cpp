// SPDX-License-Identifier: Apache-2.0
#include "cli/fault_view.h"

#include <gtest/gtest.h>

namespace gpud::cli {
namespace {

catalog::Explanation Fault() {
  catalog::Explanation fault{.kind = "Xid", .code = 79, .name = "FELL_OFF", .meaning = "gone"};
  fault.severity = "fatal";
  fault.action = "REBOOT_SYSTEM";
  fault.tenant = "move";
  fault.operators = "drain and reboot";
  fault.follow_up = "HARDWARE_INSPECTION";
  fault.follow_up_text = "open it";
  fault.reboot_worthy = true;
  fault.reboot = "is the recovery";
  fault.causes = {"PCIe bus", "heat"};
  fault.peers = {{.tool = "AWS EKS", .says = "fatal"}};
  fault.confidence = "high";
  fault.sources = "a header";
  return fault;
}

TEST(FaultView, TellsMeaningWhatToDoAndWhatOthersSay) {
  EXPECT_EQ(FaultText(Fault(), "", {}),
            "Xid 79: gone\n"
            "  name            FELL_OFF\n"
            "  severity        fatal: not usable until the action is done\n"
            "  likely causes   PCIe bus, heat\n"
            "  what to do      REBOOT_SYSTEM\n"
            "  as a tenant     move\n"
            "  as an operator  drain and reboot\n"
            "  a reboot        is the recovery\n"
            "  if it returns   HARDWARE_INSPECTION: open it\n"
            "  how sure        high: a header\n"
            "\n"
            "  what other tools say\n"
            "  AWS EKS  fatal\n");
}

TEST(FaultView, SaysWhatTheSiteChangedAndWhy) {
  catalog::Explanation fault = Fault();
  fault.replaced = {.severity = "warning",
                    .action = "RESET_GPU",
                    .follow_up = "CONTACT_SUPPORT",
                    .note = "risers"};
  const std::string text = FaultText(fault, "/etc/f.yaml", {});
  EXPECT_NE(text.find("/etc/f.yaml changes it; the catalogue says warning, RESET_GPU, then "
                      "CONTACT_SUPPORT (risers)\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(FaultListText({fault, Fault()}, {}),
            "CODE  SEVERITY      ACTION         MEANING\n"
            "79    fatal (site)  REBOOT_SYSTEM  gone\n"
            "79    fatal         REBOOT_SYSTEM  gone\n");
}

TEST(FaultView, ListsTheNvlink5RowsWhereTheLineDecides) {
  catalog::Explanation fault = Fault();
  fault.action = "DECODE_NVLINK5";
  fault.nvlink5 = {{.unit = "NETIR_LINK_DOWN",
                    .unit_before_r575 = "NETIR_LINK_EVT",
                    .error_status = "any",
                    .link_down_reason = "4 alignment-loss",
                    .severity = "warning",
                    .action = "IGNORE_NO_ACTION_REQUIRED",
                    .promoted_action = "RESET_GPU"}};
  const std::string text = FaultText(fault, "", {});
  EXPECT_NE(text.find("  severity        depends on the line, see below\n"), std::string::npos);
  EXPECT_NE(
      text.find("  NETIR_LINK_DOWN  NETIR_LINK_EVT  any           4 alignment-loss  warning   "
                "IGNORE_NO_ACTION_REQUIRED, promoted RESET_GPU\n"),
      std::string::npos)
      << text;
}

TEST(FaultView, JsonLeavesOutWhatIsEmpty) {
  EXPECT_EQ(JsonText(FaultJson(Fault())),
            R"({"kind":"Xid","code":79,"name":"FELL_OFF","meaning":"gone","severity":"fatal",)"
            R"("action":"REBOOT_SYSTEM","tenant":"move","operator":"drain and reboot",)"
            R"("follow_up":"HARDWARE_INSPECTION","follow_up_text":"open it","reboot_worthy":true,)"
            R"("reboot":"is the recovery","causes":["PCIe bus","heat"],)"
            R"("peers":[{"tool":"AWS EKS","says":"fatal"}],"confidence":"high",)"
            R"("sources":"a header"})");
}

TEST(FaultView, SearchLooksAtWordsInAnyCaseAndAtTheWholeNumber) {
  catalog::Explanation fault = Fault();
  fault.log_texts = {"LTSSM Fault Up"};
  for (const char* word : {"79", "fell_off", "GONE", "pcie", "ltssm fault"}) {
    EXPECT_TRUE(Mentions(fault, word)) << word;
  }
  for (const char* word : {"7", "reboot", "fatal"}) EXPECT_FALSE(Mentions(fault, word)) << word;
}

}  // namespace
}  // namespace gpud::cli
