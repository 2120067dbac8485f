// SPDX-License-Identifier: Apache-2.0
#include "platform/text.h"

#include <gtest/gtest.h>

namespace gpud {
namespace {

TEST(Text, CutsFieldsAndLines) {
  EXPECT_EQ(Split("a,,b", ','), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(SplitBlanks("  a \t b\n"), (std::vector<std::string_view>{"a", "b"}));
  std::string_view rest = "one\n\ntwo", line;
  ASSERT_TRUE(NextLine(rest, line));
  EXPECT_EQ(line, "one");
  ASSERT_TRUE(NextLine(rest, line));
  EXPECT_EQ(line, "");
  ASSERT_TRUE(NextLine(rest, line));
  EXPECT_EQ(line, "two");
  EXPECT_FALSE(NextLine(rest, line));
}

TEST(Text, ANumberIsTheWholeTextOrNothing) {
  EXPECT_EQ(ParseNumber<int>("42"), 42);
  EXPECT_EQ(ParseNumber<int>("-7"), -7);
  EXPECT_EQ(ParseNumber<int>("ff", 16), 255);
  EXPECT_EQ(ParseNumber<double>("1.5"), 1.5);
  EXPECT_FALSE(ParseNumber<int>("42 "));
  EXPECT_FALSE(ParseNumber<int>(""));
  EXPECT_FALSE(ParseNumber<std::uint8_t>("256"));
  EXPECT_FALSE(ParseNumber<double>("nan"));
  EXPECT_FALSE(ParseNumber<double>("inf"));
}

TEST(Text, NumbersAreShortestAndHaveExponentsOnlyWhereTheWireHasThem) {
  EXPECT_EQ(NumberText(7.25), "7.25");
  EXPECT_EQ(NumberText(1517196853248.0), "1517196853248");
  EXPECT_EQ(NumberText(0.000001), "0.000001");
  EXPECT_EQ(NumberText(0.0000001), "1e-07");
  EXPECT_EQ(NumberText(1e21), "1e+21");
  EXPECT_EQ(NumberText(-0.5), "-0.5");
}

TEST(Text, WhatIsNotUtf8BecomesTheReplacementCharacter) {
  EXPECT_EQ(ValidUtf8("gr\xC3\xBC\xC3\x9F"), "gr\xC3\xBC\xC3\x9F");
  EXPECT_EQ(ValidUtf8("a\xFF"
                      "b"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(ValidUtf8("\xC3"), "\xEF\xBF\xBD");                       // cut short
  EXPECT_EQ(ValidUtf8("\xC0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD");       // overlong
  EXPECT_EQ(ValidUtf8("\xED\xA0\x80").substr(0, 3), "\xEF\xBF\xBD");  // surrogate
}

TEST(Text, BytesAreForPeople) {
  EXPECT_EQ(BytesText(0), "0 B");
  EXPECT_EQ(BytesText(1536), "1.5 KiB");
  EXPECT_EQ(BytesText(24ull << 30), "24.0 GiB");
}

}  // namespace
}  // namespace gpud
