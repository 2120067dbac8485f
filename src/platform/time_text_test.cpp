// SPDX-License-Identifier: Apache-2.0
#include "platform/time_text.h"

#include <gtest/gtest.h>

namespace gpud {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

TEST(TimeText, WritesAndReadsRfc3339) {
  const WallTime time{seconds(1'772'352'000) + microseconds(250'000)};
  EXPECT_EQ(Rfc3339Seconds(time), "2026-03-01T08:00:00Z");
  EXPECT_EQ(Rfc3339Micros(time), "2026-03-01T08:00:00.25Z");
  EXPECT_EQ(ParseRfc3339("2026-03-01T08:00:00.25Z"), time);
  EXPECT_EQ(ParseRfc3339("2026-03-01T10:00:00.250000000+02:00"), time);
  for (const char* bad : {"", "2026-03-01", "2026-13-01T08:00:00Z", "2026-02-30T08:00:00Z",
                          "2026-03-01T24:00:00Z", "2026-03-01T08:00:00", "2026-03-01T08:00:00.Z",
                          "2026-03-01T08:00:00+0200", "9999-12-31T23:59:60Z"}) {
    EXPECT_FALSE(ParseRfc3339(bad)) << bad;
  }
}

TEST(TimeText, DurationsAreGoSyntaxBothWays) {
  EXPECT_EQ(ParseDuration("1h30m"), seconds(5400));
  EXPECT_EQ(ParseDuration("250ms"), microseconds(250'000));
  EXPECT_EQ(ParseDuration("1.5h"), seconds(5400));
  EXPECT_EQ(ParseDuration("-2m"), seconds(-120));
  EXPECT_EQ(ParseDuration("0"), seconds(0));
  for (const char* bad : {"", "5", "s", "1x", "1h30", "--1s", "1e3s"}) {
    EXPECT_FALSE(ParseDuration(bad)) << bad;
  }
  EXPECT_EQ(DurationText(seconds(5400)), "1h30m0s");
  EXPECT_EQ(DurationText(seconds(300)), "5m0s");
  EXPECT_EQ(DurationText(microseconds(1'500'000)), "1.5s");
  EXPECT_EQ(DurationText(seconds(0)), "0s");
  EXPECT_EQ(DurationText(std::chrono::hours(336)), "336h0m0s");
}

}  // namespace
}  // namespace gpud
