// SPDX-License-Identifier: Apache-2.0
#include "decode/decoder.h"

#include <gtest/gtest.h>

#include <random>
#include <stdexcept>

#include "components/all.h"

namespace gpud::decode {
namespace {

// Says one thing for each "x" in the line.
class CountingMatcher final : public LineMatcher {
 public:
  void OnLine(const KernelLine& line, LineSink& sink) override {
    if (line.text.find("throw") != std::string_view::npos) throw std::runtime_error("a bug");
    for (const char c : line.text) {
      if (c == 'x') sink.Add({.family = "f", .code = "x", .device = "\xff", .message = "\xfe"});
    }
    sink.Detail("seen", std::to_string(++seen_) + "\xff");
  }

 private:
  int seen_ = 0;
};
constexpr std::string_view kNeedles[] = {"needle", "other"};
constexpr std::string_view kOtherNeedles[] = {"other"};
std::unique_ptr<LineMatcher> Make() { return std::make_unique<CountingMatcher>(); }
constexpr ComponentType kFirst{.name = "first", .needles = kNeedles, .create_matcher = Make};
constexpr ComponentType kSecond{.name = "second", .needles = kOtherNeedles, .create_matcher = Make};
constexpr ComponentType kDeaf{.name = "deaf"};
constexpr const ComponentType* kComponents[] = {&kFirst, &kDeaf, &kSecond};

TEST(Decoder, AsksEachComponentWithANeedleInTheLineOnce) {
  Decoder decoder(kComponents);
  std::vector<Found> found;
  decoder.Decode({.text = "nothing"}, found);
  EXPECT_TRUE(found.empty());
  decoder.Decode({.text = "needle needle xx"}, found);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].component, &kFirst);
  EXPECT_EQ(found[2].finding.code, "") << "details of what was found before";
  decoder.Decode({.text = "other"}, found);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[1].component, &kSecond);
  EXPECT_EQ(decoder.slow_searches(), 0u);
}

TEST(Decoder, MakesAllTextValidUtf8) {
  Decoder decoder(kComponents);
  std::vector<Found> found;
  decoder.Decode({.text = "needle x"}, found);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].finding.device, "\xEF\xBF\xBD");
  EXPECT_EQ(found[0].finding.message, "\xEF\xBF\xBD");
  EXPECT_EQ(found[1].finding.details.at("seen"), "1\xEF\xBF\xBD");
}

TEST(Decoder, SurvivesAMatcherThatThrows) {
  Decoder decoder(kComponents);
  std::vector<Found> found;
  decoder.Decode({.text = "other throw x"}, found);
  EXPECT_TRUE(found.empty());
  decoder.Decode({.text = "other x"}, found);
  EXPECT_EQ(found.size(), 4u);
}

/// A line of pieces of needles, whole needles, bytes that are no text, up to 4 KB long.
std::string RandomLine(std::mt19937& random, const std::vector<std::string_view>& needles) {
  const auto below = [&](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
  };
  const std::size_t longest = below(8) == 0 ? 4096 : 200;
  std::string line;
  while (line.size() < longest && below(40) != 0) {
    const std::string_view needle = needles[below(needles.size())];
    switch (below(4)) {
      case 0:
        line += needle;
        break;
      case 1:
        line += needle.substr(0, below(needle.size()) + 1);
        break;
      case 2:
        line += std::string_view("\xff\xfe\0 \n", 5).substr(0, below(5) + 1);
        break;
      default:
        line += static_cast<char>(below(256));
    }
  }
  return line;
}

TEST(Decoder, FindsTheComponentsOfALineAsThePlainSearchDoes) {
  std::vector<Needle> needles;
  std::vector<std::string_view> texts;
  for (std::size_t i = 0; i < AllComponents().size(); ++i) {
    for (const std::string_view needle : AllComponents()[i]->needles) {
      needles.push_back({needle, i});
      texts.push_back(needle);
    }
  }
  const NeedleSet set(needles);
  std::mt19937 random(20261125);
  for (int round = 0; round < 20'000; ++round) {
    const std::string line = RandomLine(random, texts);
    std::vector<std::size_t> quick;
    std::vector<std::size_t> plain;
    set.Find(line, quick);
    FindPlainly(needles, line, plain);
    ASSERT_EQ(quick, plain) << testing::PrintToString(line);
  }
  EXPECT_EQ(set.slow_searches(), 0u);
}

}  // namespace
}  // namespace gpud::decode
