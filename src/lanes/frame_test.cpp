// SPDX-License-Identifier: Apache-2.0
#include "lanes/frame.h"

#include <gtest/gtest.h>

namespace gpud::lanes {
namespace {

TEST(FrameReader, PutsFramesTogetherFromPieces) {
  const Answer answer{.id = 7, .taken = BootTime(std::chrono::seconds(3)), .snapshot = "abc"};
  const std::string bytes = Frame(Request{.id = 6, .source = "s"}) + Frame(answer);
  FrameReader reader;
  std::vector<std::string> contents;
  for (const char byte : bytes) {
    reader.Add({&byte, 1});
    const auto content = reader.Next();
    ASSERT_TRUE(content);
    if (*content) contents.push_back(**content);
  }
  ASSERT_EQ(contents.size(), 2u);
  EXPECT_EQ(ParseRequest(contents[0])->source, "s");
  const auto parsed = ParseAnswer(contents[1]);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->id, answer.id);
  EXPECT_EQ(parsed->taken, answer.taken);
  EXPECT_EQ(parsed->snapshot, answer.snapshot);
  EXPECT_EQ(contents[1].size(), kAnswerOverhead + answer.snapshot.size());
}

TEST(FrameReader, RefusesATooLongFrameByItsHeadAlone) {
  FrameReader reader;
  reader.Add(std::string_view("\x01\0\x40\0", 4));  // 4 MiB and one byte
  EXPECT_EQ(reader.Next().error().code, ErrorCode::kParse);
}

TEST(FrameReader, RefusesContentThatIsNoMessage) {
  for (const std::string_view content : {std::string_view(), std::string_view("short"),
                                         std::string_view("\0\0\0\0\0\0\0\0\xff\0\0\0x", 13)}) {
    EXPECT_FALSE(ParseRequest(content));
    EXPECT_FALSE(ParseAnswer(content));
  }
}

}  // namespace
}  // namespace gpud::lanes
