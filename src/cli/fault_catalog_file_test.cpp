// SPDX-License-Identifier: Apache-2.0
#include "cli/fault_catalog_file.h"

#include <gtest/gtest.h>

#include "testing/fake_host.h"

namespace gpud::cli {
namespace {

using Words = std::vector<std::string>;

class FaultCatalogFileTest : public testing::Test {
 protected:
  FaultCatalogFile Read(const std::string& text) {
    machine_.Write("/faults.yaml", text);
    return ReadFaultCatalog(Named(file_));
  }
  static Settings Named(const std::string& path) {
    Settings settings;
    settings.Set("fault-catalog", {path}, "--fault-catalog");
    return settings;
  }

  FakeHost machine_;
  std::string file_ = machine_.Path("/faults.yaml");
};

TEST_F(FaultCatalogFileTest, IsYamlOrJson) {
  for (const char* text : {"xid:\n  13: {severity: info, note: lab}\nsxid:\n  20034:\n    "
                           "follow_up: CONTACT_SUPPORT\n",
                           R"({"xid": {"13": {"severity": "info", "note": "lab"}},
            "sxid": {"20034": {"follow_up": "CONTACT_SUPPORT"}}})"}) {
    const FaultCatalogFile file = Read(text);
    EXPECT_EQ(file.problems, Words{});
    EXPECT_EQ(file.path, file_);
    EXPECT_EQ(file.overlay.xid.at(13).severity, EventType::kInfo);
    EXPECT_EQ(file.overlay.xid.at(13).note, "lab");
    EXPECT_EQ(file.overlay.sxid.at(20034).follow_up, Advice::kContactSupport);
  }
  EXPECT_TRUE(Read("").overlay.empty());
}

TEST_F(FaultCatalogFileTest, EveryProblemNamesTheFile) {
  EXPECT_EQ(
      Read("xid: {79: {severity: info}, 13: {action: DANCE}}\nother: 1\n").problems,
      (Words{file_ + ": xid 79: contradiction: info, yet something must be reset or restarted "
                     "(info, REBOOT_SYSTEM)",
             file_ + ": xid 13: action: \"DANCE\" is no action (docs/xid.md lists them, such as "
                     "RESET_GPU)",
             file_ + ": unknown key \"other\"; there are xid and sxid"}));
  const Words broken = Read("xid: [\n").problems;
  ASSERT_EQ(broken.size(), 1u);
  EXPECT_TRUE(broken[0].starts_with(file_ + ":2: not valid YAML: ")) << broken[0];
}

TEST_F(FaultCatalogFileTest, MayBeMissingUnlessItWasNamed) {
  Settings settings = Named(machine_.Path("/nowhere.yaml"));
  const FaultCatalogFile named = ReadFaultCatalog(settings);
  ASSERT_EQ(named.problems.size(), 1u);
  EXPECT_TRUE(named.problems[0].starts_with("cannot read the fault catalogue: "));
  EXPECT_EQ(named.path, "");
  settings.Set("fault-catalog", {machine_.Path("/nowhere.yaml")}, "default");
  EXPECT_EQ(ReadFaultCatalog(settings).problems, Words{});
  settings.Set("fault-catalog", {std::string()}, "GPUD_FAULT_CATALOG");
  EXPECT_EQ(ReadFaultCatalog(settings).problems, Words{});
}

}  // namespace
}  // namespace gpud::cli
