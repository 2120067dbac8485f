// SPDX-License-Identifier: Apache-2.0
#include "plugins/output.h"

#include <gtest/gtest.h>

namespace gpud::plugins {
namespace {

TEST(Output, KeepsHeadAndTailAndCountsWhatItDrops) {
  Output output;
  output.Add("first");
  for (int i = 0; i < 300; ++i) output.Add(std::string(10'000, 'x'));
  output.Add("last");
  EXPECT_EQ(output.total(), 3'000'009u);
  EXPECT_EQ(output.head().size(), Output::kHead);
  EXPECT_EQ(output.tail().size(), Output::kTail);
  EXPECT_EQ(output.dropped(), output.total() - Output::kHead - Output::kTail);
  EXPECT_TRUE(output.head().starts_with("first"));
  EXPECT_TRUE(output.tail().ends_with("xlast"));
  EXPECT_NE(output.Text().find("bytes dropped"), std::string::npos);
}

TEST(Output, KeepsAShortOutputWhole) {
  Output output;
  output.Add("one ");
  output.Add("two");
  EXPECT_EQ(output.Text(), "one two");
  EXPECT_EQ(output.dropped(), 0u);
  EXPECT_EQ(output.from_brace(), "");
}

TEST(Output, KeepsTheObjectHoweverMuchIsPrintedBeforeIt) {
  Output output;
  for (int i = 0; i < 100; ++i) output.Add(std::string(10'000, 'x'));
  output.Add("{\"a\"");
  output.Add(":1} rest");
  EXPECT_EQ(output.from_brace(), "{\"a\":1} rest");
}

TEST(CutUtf8, CutsBetweenCharacters) {
  EXPECT_EQ(CutUtf8("a\xC3\xA4z", 2), "a");
  EXPECT_EQ(CutUtf8("a\xC3\xA4z", 3), "a\xC3\xA4");
  EXPECT_EQ(CutUtf8("abc", 3), "abc");
  EXPECT_EQ(CutUtf8("\x80\x80\x80\x80\x80\x80", 5), "\x80\x80\x80\x80\x80");
}

}  // namespace
}  // namespace gpud::plugins
