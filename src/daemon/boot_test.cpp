// SPDX-License-Identifier: Apache-2.0
#include "daemon/boot.h"

#include <gtest/gtest.h>

#include "testing/fake_host.h"

namespace gpud::daemon {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

TEST(Boot, TheWallTimeOfABootIsComputedOnceSoThatAClockStepMovesNothing) {
  FakeHost fake;
  fake.Write("/proc/sys/kernel/random/boot_id", "abc\n");
  const Boot first = FindBoot(fake.root, fake.clock, {});
  EXPECT_TRUE(first.first_seen);
  EXPECT_EQ(first.wall, fake.clock.wall - seconds(100'000));
  const store::Metadata stored = BootMetadata(first, {{"boot_wall_us.old", "1"}});
  EXPECT_EQ(stored.at("boot_wall_us.old"), "");

  fake.clock.wall += hours(5);
  const Boot again = FindBoot(fake.root, fake.clock, stored);
  EXPECT_FALSE(again.first_seen);
  EXPECT_EQ(again.wall, first.wall);
  EXPECT_EQ(RebootEvent(again, fake.clock.wall)->identity,
            RebootEvent(first, fake.clock.wall)->identity);
}

TEST(Boot, AnOldBootIsNoNews) {
  FakeHost fake;
  fake.Write("/proc/sys/kernel/random/boot_id", "abc\n");
  const Boot boot = FindBoot(fake.root, fake.clock, {});
  EXPECT_EQ(RebootEvent(boot, boot.wall + hours(1))->message.substr(0, 23),
            "system reboot detected ");
  EXPECT_FALSE(RebootEvent(boot, boot.wall + hours(72)));
}

TEST(Boot, WithoutABootIdThereIsNoRebootEvent) {
  FakeHost fake;
  const Boot boot = FindBoot(fake.root, fake.clock, {});
  EXPECT_EQ(boot.id, "");
  EXPECT_FALSE(RebootEvent(boot, fake.clock.wall));
}

}  // namespace
}  // namespace gpud::daemon
