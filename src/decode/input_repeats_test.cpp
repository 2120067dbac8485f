// SPDX-License-Identifier: Apache-2.0
#include "decode/input_repeats.h"

#include <gtest/gtest.h>

#include "decode/input_rig.h"

namespace gpud::decode {
namespace {

// How many different messages this log has.
int Different(std::string_view log) {
  Input input(InMemory(log), "test.log", *ParseRfc3339("2026-11-25T00:00:00Z"));
  InputRepeats repeats;
  int count = 0;
  for (InputLine line; input.Next(line);) {
    if (!repeats.Seen(line, input.section())) ++count;
  }
  return count;
}

constexpr std::string_view kDmesg =
    "[ 1234.000001] x: a\n[ 1234.000002] y: b\n[ 1239.000001] x: a\n";
constexpr std::string_view kJournal =
    "Nov 24 21:47:39 h kernel: x: a\nNov 24 21:47:39 h kernel: y: b\nNov 24 21:47:44 h kernel: x: "
    "a\n";
constexpr std::string_view kHead = "*** a part of the report\n";

std::string Joined(std::initializer_list<std::string_view> parts) {
  std::string log;
  for (const std::string_view part : parts) log += part;
  return log;
}

TEST(InputRepeats, AMessageInTwoPartsOfAReportCountsOnce) {
  EXPECT_EQ(Different(Joined({kDmesg, kHead, kDmesg})), 3);
  EXPECT_EQ(Different(Joined({kJournal, kHead, kJournal, kHead, kJournal})), 3);
}

TEST(InputRepeats, TheKernelsTimeAndTheJournalsAreTwoViewsOfOneMessage) {
  EXPECT_EQ(Different(Joined({kDmesg, kJournal})), 3);
  EXPECT_EQ(Different(Joined({kJournal, kDmesg, kHead, kJournal})), 3);
}

TEST(InputRepeats, WhatOnlyOnePartHasIsKept) {
  EXPECT_EQ(Different(Joined({kDmesg, kJournal, "Nov 24 21:47:50 h kernel: x: a\n"})), 4);
  EXPECT_EQ(Different(Joined({kDmesg, kHead, kDmesg, "[ 1240.000001] x: a\n"})), 4);
}

TEST(InputRepeats, EqualMessagesOfOneLogAreDifferentOnes) {
  const std::string_view storm =
      "Nov 24 21:47:39 h kernel: AER: x\nNov 24 21:47:39 h kernel: AER: x\n";
  EXPECT_EQ(Different(storm), 2);
  EXPECT_EQ(Different(Joined({storm, storm})), 4);
  EXPECT_EQ(Different(Joined({storm, kHead, storm})), 2);
}

TEST(InputRepeats, TheSameRecordTwiceIsOne) {
  const std::string_view records = "6,1,2000000,-;x\n6,2,2000000,-;x\n";
  EXPECT_EQ(Different(records), 2);
  EXPECT_EQ(Different(Joined({records, records})), 2);
}

TEST(InputRepeats, MemoryIsBounded) {
  InputRepeats repeats;
  InputLine line;
  line.text = "x";
  for (int i = 0; i < 1'000'000; ++i) {
    line.since_boot = std::chrono::microseconds(i);
    ASSERT_FALSE(repeats.Seen(line, 0));
  }
}

}  // namespace
}  // namespace gpud::decode
