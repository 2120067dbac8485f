// SPDX-License-Identifier: Apache-2.0
#include "decode/needles.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace gpud::decode {
namespace {

using Owners = std::vector<std::size_t>;

Owners Find(const NeedleSet& set, std::string_view text) {
  Owners owners{99};
  set.Find(text, owners);
  return owners;
}

TEST(NeedleSet, NamesEachOwnerOnceAndInOrder) {
  const NeedleSet set({{"Xid", 2}, {"NVRM", 2}, {"nvme", 1}, {"NVRM: Xid", 0}});
  EXPECT_EQ(Find(set, "NVRM: Xid (PCI:0000:04:00): 79, nvme"), (Owners{0, 1, 2}));
  EXPECT_EQ(Find(set, "nothing of the kind"), Owners{});
}

TEST(NeedleSet, TakesSignsOfRegularExpressionsAsPlainText) {
  const NeedleSet set({{"a.c(", 0}, {std::string_view("x\0y", 3), 1}, {"\xe4\xff", 2}, {"", 3}});
  EXPECT_EQ(Find(set, "abc("), Owners{3});
  EXPECT_EQ(Find(set, "a.c("), (Owners{0, 3}));
  EXPECT_EQ(Find(set, std::string_view("x\0y", 3)), (Owners{1, 3}));
  EXPECT_EQ(Find(set, "\xe4\xff\xc3"), (Owners{2, 3}));
}

TEST(NeedleSet, WithoutNeedlesFindsNothing) { EXPECT_EQ(Find(NeedleSet({}), "text"), Owners{}); }

TEST(NeedleSet, FindsWhatThePlainSearchFinds) {
  std::mt19937 random(20261124);
  const auto text = [&](std::size_t longest) {
    // Few letters, so that needles overlap and occur; some bytes that are no text.
    constexpr std::string_view kLetters("ab.*\\ \n\0\xff\xc3", 10);
    std::string made(std::uniform_int_distribution<std::size_t>(0, longest)(random), ' ');
    for (char& c : made) {
      c = kLetters[std::uniform_int_distribution<std::size_t>(0, kLetters.size() - 1)(random)];
    }
    return made;
  };
  for (int round = 0; round < 100; ++round) {
    std::vector<std::string> texts;
    for (int i = 0; i < 12; ++i) texts.push_back(text(5));
    std::vector<Needle> needles;
    for (std::size_t i = 0; i < texts.size(); ++i) needles.push_back({texts[i], i / 3});
    const NeedleSet set(needles);
    for (int line = 0; line < 100; ++line) {
      const std::string haystack = text(40);
      Owners plain;
      FindPlainly(needles, haystack, plain);
      ASSERT_EQ(Find(set, haystack), plain) << testing::PrintToString(haystack);
    }
  }
}

}  // namespace
}  // namespace gpud::decode
