// SPDX-License-Identifier: Apache-2.0
#include "sources/sysfs/raid.h"

#include <gtest/gtest.h>

#include "testing/fake_host.h"

namespace gpud::sysfs {
namespace {

TEST(Arrays, HaveTheirStateAndHowFarTheyAreWithTheirRebuild) {
  FakeHost fake;
  Inputs in;
  kArrays.read(fake.host, in);
  EXPECT_EQ(in.Latest<Arrays>().error().code, ErrorCode::kUnsupported);
  const std::string md = "/sys/class/block/md0/md/";
  fake.Write(md + "array_state", "clean\n");
  fake.Write(md + "level", "raid1\n");
  fake.Write(md + "raid_disks", "2\n");
  fake.Write(md + "degraded", "1\n");
  fake.Write(md + "sync_action", "recover\n");
  fake.Write(md + "sync_completed", "250 / 1000\n");
  fake.Write("/sys/class/block/md127/md/array_state", "clear\n");
  fake.Write("/sys/class/block/md0p1/partition", "1\n");
  fake.Write("/sys/class/block/dm-3/dm/suspended", "1\n");
  fake.Write("/sys/class/block/dm-3/dm/name", "vg-root\n");
  kArrays.read(fake.host, in);
  const auto& arrays = in.Latest<Arrays>();
  ASSERT_TRUE(arrays);
  ASSERT_EQ(arrays->raids.size(), 1u);
  EXPECT_EQ(arrays->raids[0].degraded, 1u);
  EXPECT_EQ(arrays->raids[0].sync_ratio, 0.25);
  ASSERT_EQ(arrays->volumes.size(), 1u);
  EXPECT_TRUE(arrays->volumes[0].suspended);
  EXPECT_EQ(arrays->volumes[0].name, "vg-root");
}

TEST(Arrays, ThatDoNotSyncHaveNoShare) {
  for (const char* text : {"none\n", "delayed\n", "", "5 / 0", "9 / 5", "x / 5"}) {
    EXPECT_FALSE(ParseSyncCompleted(text)) << text;
  }
}

}  // namespace
}  // namespace gpud::sysfs
