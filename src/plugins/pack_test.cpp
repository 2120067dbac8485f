// SPDX-License-Identifier: Apache-2.0
#include "plugins/pack.h"

#include <gtest/gtest.h>

#include "testing/fake_host.h"

namespace gpud::plugins {
namespace {

using Words = std::vector<std::string>;

TEST(Pack, IsForMachinesOfItsMakerAndThoseThatHaveItsPrograms) {
  FakeHost machine;
  Pack pack{.name = "x", .commands = {"bash"}, .vendor = "Supermicro"};
  EXPECT_EQ(MissingNeed(pack, machine.root, "/bin"),
            "this machine does not tell its maker, the pack is for Supermicro");
  machine.Write("/sys/class/dmi/id/sys_vendor", "Dell Inc.\n");
  EXPECT_EQ(MissingNeed(pack, machine.root, "/bin"),
            "this is a machine of Dell Inc., the pack is for Supermicro");
  machine.Write("/sys/class/dmi/id/board_vendor", "SUPERMICRO\n");
  EXPECT_EQ(MissingNeed(pack, machine.root, "/bin:/usr/bin"), "");
  EXPECT_EQ(MissingNeed(pack, machine.root, "/nonexistent:"), "bash is not installed");
}

TEST(Pack, OfTheLaterFolderWins) {
  FakeHost machine;
  for (const char* place : {"/a", "/b"}) {
    machine.Write(std::string(place) + "/one/pack.yaml",
                  "name: one\nversion: " + std::string(place) + "\n");
    machine.Write(std::string(place) + "/one/plugins.yaml", "[]");
  }
  machine.Write("/a/no-pack/readme", "");
  const Packs found = FindPacks({machine.Path("/a"), machine.Path("/b"), machine.Path("/none")});
  EXPECT_EQ(found.errors, Words{});
  ASSERT_EQ(found.packs.size(), 1u);
  EXPECT_EQ(found.packs[0].version, "/b");
}

TEST(Pack, TheListOfTheEnabledIsSortedAndReadBack) {
  FakeHost machine;
  const std::string file = machine.Path("/enabled");
  EXPECT_EQ(ReadEnabledPacks(file).value(), Words{});
  ASSERT_TRUE(WriteEnabledPacks(file, {"b", "a", "b"}));
  EXPECT_EQ(ReadEnabledPacks(file).value(), (Words{"a", "b"}));
}

}  // namespace
}  // namespace gpud::plugins
