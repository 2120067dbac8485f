// SPDX-License-Identifier: Apache-2.0
#include "server/target.h"

#include <gtest/gtest.h>

#include <random>

namespace gpud::server {
namespace {

using Query = std::vector<std::pair<std::string, std::string>>;

TEST(Target, DecodesPathAndQuery) {
  const auto target = ParseTarget("/v1/a%20b+c?x=1%262&y=a+b&empty=&flag&x=2");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/v1/a b+c");
  EXPECT_EQ(target->query,
            (Query{{"x", "1&2"}, {"y", "a b"}, {"empty", ""}, {"flag", ""}, {"x", "2"}}));
}

TEST(Target, KeepsADoubleSlashAndATrailingOne) {
  EXPECT_EQ(ParseTarget("//v1/states/")->path, "//v1/states/");
}

TEST(Target, TakesTheAbsoluteFormThatProxiesSend) {
  EXPECT_EQ(ParseTarget("http://host:15132/healthz?a=b://c")->path, "/healthz");
  EXPECT_EQ(ParseTarget("https://host")->path, "/");
  EXPECT_EQ(ParseTarget("https://host?a=1")->query, (Query{{"a", "1"}}));
  EXPECT_EQ(ParseTarget("/path?to=http://x/y")->path, "/path");
}

TEST(Target, RefusesAPercentWithoutTwoHexDigits) {
  for (const auto* bad : {"/%", "/%4", "/%zz", "/%+1", "/a?b=%", "/a?%g0=1"}) {
    const auto target = ParseTarget(bad);
    ASSERT_FALSE(target) << bad;
    EXPECT_EQ(target.error().code, ErrorCode::kParse);
  }
  EXPECT_EQ(ParseTarget("/a?b=%").error().what, "query: a '%' must be followed by two hex digits");
}

TEST(Target, AnyBytesGiveATargetOrAnError) {
  std::mt19937 random(1);
  constexpr std::string_view kAlphabet = "/?&=%+:a0F\xff";
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (auto n = random() % 12; n > 0; --n) text += kAlphabet[random() % kAlphabet.size()];
    if (const auto target = ParseTarget(text)) {
      EXPECT_LE(target->path.size(), std::max<std::size_t>(text.size(), 1));
    }
  }
}

}  // namespace
}  // namespace gpud::server
