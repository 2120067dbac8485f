// SPDX-License-Identifier: Apache-2.0
#include "sources/kmsg/stamp.h"

#include <gtest/gtest.h>

#include "platform/time_text.h"

namespace gpud::kmsg {
namespace {

WallTime At(std::string_view text) { return *ParseRfc3339(text); }

class StampTest : public testing::Test {
 protected:
  void SetUp() override {
    setenv("TZ", "Asia/Kolkata", 1);  // UTC+05:30, no summer time
    tzset();
  }
  void TearDown() override {
    setenv("TZ", "UTC", 1);
    tzset();
  }
  StampReader stamps_{At("2026-03-01T08:00:00Z")};
};

TEST(KernelSeconds, HaveSixDigitsBehindThePoint) {
  EXPECT_EQ(ParseKernelSeconds("  12345.678901"), std::chrono::microseconds(12'345'678'901));
  EXPECT_EQ(ParseKernelSeconds("0.000000"), std::chrono::microseconds(0));
  for (const std::string_view text : {"", ".", "12.345", "1.2345678", "-1.000000", "1.-00001",
                                      "sda", "1.00000x", "99999999999999.000000"}) {
    EXPECT_FALSE(ParseKernelSeconds(text)) << text;
  }
}

TEST_F(StampTest, WithoutAZoneIsLocalTime) {
  EXPECT_EQ(stamps_.MonthDay("Feb  3 21:47:39.512 host")->time, At("2026-02-03T16:17:39.512Z"));
  EXPECT_EQ(stamps_.MonthDay("Feb  3 21:47:39 host")->size, 15u);
  EXPECT_EQ(stamps_.Ctime("Tue Feb  3 21:47:39 2026")->time, At("2026-02-03T16:17:39Z"));
  EXPECT_EQ(stamps_.MonthMinute("Feb 3 21:47")->time, At("2026-02-03T16:17:00Z"));
  EXPECT_EQ(stamps_.Iso("2026-02-03T21:47:39")->time, At("2026-02-03T16:17:39Z"));
}

TEST_F(StampTest, WithAZoneIsOfThatZone) {
  for (const std::string_view text :
       {"2026-02-03T22:47:39.5+01:00", "2026-02-03T22:47:39,5+0100", "2026-02-03T21:47:39.500Z",
        "2026-02-03T16:47:39.500000-05:00"}) {
    const auto stamp = stamps_.Iso(text);
    ASSERT_TRUE(stamp) << text;
    EXPECT_EQ(stamp->time, At("2026-02-03T21:47:39.5Z")) << text;
    EXPECT_EQ(stamp->size, text.size()) << text;
  }
}

TEST_F(StampTest, OfTheSameMinuteKeepsItsSecond) {
  EXPECT_EQ(stamps_.MonthDay("Feb  3 21:47:01 a")->time, At("2026-02-03T16:17:01Z"));
  EXPECT_EQ(stamps_.MonthDay("Feb  3 21:47:59 a")->time, At("2026-02-03T16:17:59Z"));
  EXPECT_EQ(stamps_.Ctime("Mon Feb  3 21:47:59 2025")->time, At("2025-02-03T16:17:59Z"));
}

TEST_F(StampTest, WithoutAYearIsNotFromTheFuture) {
  EXPECT_EQ(stamps_.MonthDay("Nov 24 21:47:39 a")->time, At("2025-11-24T16:17:39Z"));
  EXPECT_EQ(stamps_.MonthDay("Mar  1 20:00:00 a")->time, At("2026-03-01T14:30:00Z"))
      << "the other clock may be ahead by some hours";
}

TEST_F(StampTest, ThatIsNoneIsRefused) {
  for (const std::string_view text :
       {"", "Nov", "Foo 24 21:47:39 ", "Nov 32 21:47:39 ", "Nov 24 25:47:39 ", "Nov 24 21-47-39 ",
        "ovD 24 21:47:39 ", "Nov xx 21:47:39 "}) {
    EXPECT_FALSE(stamps_.MonthDay(text)) << text;
  }
  for (const std::string_view text : {"2026-02-30T21:47:39Z", "2026-13-03T21:47:39Z",
                                      "2026-02-03x21:47:39Z", "2026/02/03T21:47:39Z", "2026-02"}) {
    EXPECT_FALSE(stamps_.Iso(text)) << text;
  }
  EXPECT_FALSE(stamps_.Ctime("Tue Feb  3 21:47:39 x026"));
  EXPECT_FALSE(stamps_.Ctime("Tue Feb  3 21:47:39"));
}

}  // namespace
}  // namespace gpud::kmsg
