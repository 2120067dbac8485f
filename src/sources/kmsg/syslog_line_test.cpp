// SPDX-License-Identifier: Apache-2.0
#include "sources/kmsg/syslog_line.h"

#include <gtest/gtest.h>

#include "platform/time_text.h"

namespace gpud::kmsg {
namespace {

WallTime At(std::string_view text) { return *ParseRfc3339(text); }

class SyslogLineTest : public testing::Test {
 protected:
  void SetUp() override {
    setenv("TZ", "UTC", 1);
    tzset();
  }
  const WallTime now_ = At("2026-03-01T08:00:00Z");
};

TEST_F(SyslogLineTest, OfTheOldFormHasALocalTimeAndLosesTheKernelStamp) {
  const auto line =
      ParseSyslogLine("Feb  3 21:47:39 node1 kernel: [12345.678901] NVRM: Xid 79", now_);
  ASSERT_TRUE(line);
  EXPECT_EQ(line->time, At("2026-02-03T21:47:39Z"));
  EXPECT_EQ(line->text, "NVRM: Xid 79");
  EXPECT_EQ(ParseSyslogLine("Feb  3 21:47:39 node1 kernel: [    1.5] x", now_)->text, "x");
  EXPECT_EQ(ParseSyslogLine("Feb  3 21:47:39 node1 kernel: [sda] y", now_)->text, "[sda] y");
}

TEST_F(SyslogLineTest, IsOfLastYearWhenItWouldBeFromTheFuture) {
  EXPECT_EQ(ParseSyslogLine("Nov 24 21:47:39 h kernel: x", now_)->time, At("2025-11-24T21:47:39Z"));
  EXPECT_EQ(ParseSyslogLine("Jan  1 00:10:00 h kernel: x", At("2025-12-31T23:50:00Z"))->time,
            At("2026-01-01T00:10:00Z"));
}

TEST_F(SyslogLineTest, OfTheNewFormIsCutToWholeSeconds) {
  const auto line = ParseSyslogLine("2026-02-03T22:47:39.512+01:00 node1 kernel: text", now_);
  ASSERT_TRUE(line);
  EXPECT_EQ(line->time, At("2026-02-03T21:47:39Z"));
  EXPECT_EQ(line->text, "text");
}

TEST_F(SyslogLineTest, OfAnotherProgramIsNotOurs) {
  const auto line = ParseSyslogLine("Feb  3 21:47:39 node1 sshd[1]: kernel: x", now_);
  EXPECT_EQ(line.error().code, ErrorCode::kUnsupported);
}

TEST_F(SyslogLineTest, WithoutAStampIsRefused) {
  for (const std::string_view line : {"", "kernel: x", "Foo 1 21:47:39 h kernel: x",
                                      "Feb 3 21:47 h kernel: x", "Feb x 21:47:39 h kernel: x"}) {
    EXPECT_EQ(ParseSyslogLine(line, now_).error().code, ErrorCode::kParse) << line;
  }
}

}  // namespace
}  // namespace gpud::kmsg
