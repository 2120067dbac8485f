// SPDX-License-Identifier: Apache-2.0
#include "sources/host/last_shutdown.h"

#include <gtest/gtest.h>
#include <utmp.h>

#include <cstring>

#include "testing/fake_host.h"

namespace gpud::host {
namespace {

constexpr WallTime kBooted{std::chrono::seconds(1'772'252'000)};

std::string Record(short type, const char* user, std::int32_t after_boot) {
  utmp record{};
  record.ut_type = type;
  std::strncpy(record.ut_user, user, sizeof record.ut_user - 1);
  record.ut_tv.tv_sec = 1'772'252'000 + after_boot;
  return {reinterpret_cast<const char*>(&record), sizeof record};
}

const std::string kBefore = Record(BOOT_TIME, "reboot", -9000);
const std::string kDown = Record(RUN_LVL, "shutdown", -100);
const std::string kUp = Record(BOOT_TIME, "reboot", 12);
const std::string kLogIn = Record(USER_PROCESS, "shutdown", 100);

TEST(LastShutdown, IsOrderlyWhenItsRecordStandsBeforeThisBoot) {
  EXPECT_EQ(WasOrderly(kBefore + kDown + kUp + kLogIn, kBooted), true);
  EXPECT_EQ(WasOrderly(kBefore + kLogIn + kUp + kLogIn, kBooted), false);
}

TEST(LastShutdown, IsUnknownWithoutRecordsOfBothBoots) {
  EXPECT_EQ(WasOrderly("", kBooted), std::nullopt);
  EXPECT_EQ(WasOrderly("short", kBooted), std::nullopt);
  EXPECT_EQ(WasOrderly(kLogIn + kUp, kBooted), std::nullopt);
  EXPECT_EQ(WasOrderly(kBefore + kDown, kBooted), std::nullopt);  // this one is not written yet
}

TEST(LastShutdown, ReadsTheRecordsAndTheWatchdogs) {
  FakeHost fake;
  fake.Write("/var/log/wtmp", kBefore + kUp + "half a record");
  fake.Write("/sys/class/watchdog/watchdog0/bootstatus", "32\n");
  Inputs in;
  kLastShutdown.read(fake.host, in);
  const auto& last = in.Latest<LastShutdown>();
  ASSERT_TRUE(last);
  EXPECT_EQ(last->orderly, false);
  EXPECT_TRUE(last->by_watchdog);
}

TEST(LastShutdown, IsAbsentOnAMachineThatKeepsNothing) {
  FakeHost fake;
  Inputs in;
  kLastShutdown.read(fake.host, in);
  EXPECT_EQ(in.Latest<LastShutdown>().error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace gpud::host
