// SPDX-License-Identifier: Apache-2.0
#include "cli/parse.h"

#include <gtest/gtest.h>

namespace gpud::cli {
namespace {

using Words = std::vector<std::string>;

constexpr Flag kFlags[] = {
    {.name = "watch", .letter = 'w', .kind = Kind::kSwitch},
    {.name = "output", .letter = 'o', .value = "FORMAT", .choices = "table,json,yaml"},
    {.name = "gpu-count", .kind = Kind::kInteger, .value = "N"},
    {.name = "since", .kind = Kind::kDuration, .value = "TIME", .alias = "from"},
    {.name = "components", .kind = Kind::kList, .value = "LIST"},
    {.name = "states", .kind = Kind::kJson, .value = "JSON"},
    {.name = "log-file", .value = "FILE"},
};
const Command kCommand{.name = "probe", .most_names = 3, .flags = [] { return AllOf(kFlags); }};
const Command kNameless{.name = "nameless", .flags = [] { return AllOf(kFlags); }};

Arguments Good(const Words& words) {
  const Parsed parsed = Parse(kCommand, words);
  EXPECT_EQ(parsed.usage_error, "");
  EXPECT_EQ(parsed.level_error, "");
  return parsed.arguments;
}
std::string Bad(const Words& words) { return Parse(kCommand, words).usage_error; }

TEST(Parse, TakesOneOrTwoDashesAndAValueBehindEqualsOrNext) {
  for (const Words& words : {Words{"--log-file", "x"}, Words{"-log-file", "x"},
                             Words{"--log-file=x"}, Words{"-log-file=x"}}) {
    EXPECT_EQ(Good(words).Text("log-file"), "x");
  }
  EXPECT_EQ(Good({"-o", "json"}).Text("output"), "json");
  EXPECT_EQ(Good({"-o=json"}).Text("output"), "json");
  EXPECT_EQ(Good({"-from", "5m"}).Text("since"), "5m");
}

TEST(Parse, ReadsSwitchesBareOrWithGosSpellings) {
  for (const char* on : {"--watch", "-watch", "-w", "--watch=true", "--watch=T", "-watch=1"}) {
    EXPECT_TRUE(Good({on}).On("watch")) << on;
  }
  for (const char* off : {"--watch=false", "--watch=0", "-watch=F", "-w=f"}) {
    EXPECT_FALSE(Good({off}).On("watch")) << off;
    EXPECT_TRUE(Good({off}).Find("watch")) << off;
  }
  EXPECT_EQ(Good({"--watch", "false"}).names(), Words{"false"});  // a value needs the equals sign
  EXPECT_EQ(Bad({"--watch=maybe"}), "invalid value for --watch: \"maybe\" is not true or false");
}

TEST(Parse, TakesFlagsBehindNamesAndEndsThemAtTwoDashes) {
  const Arguments mixed = Good({"cpu", "--watch", "disk"});
  EXPECT_EQ(mixed.names(), (Words{"cpu", "disk"}));
  EXPECT_TRUE(mixed.On("watch"));
  EXPECT_EQ(Good({"--", "--watch", "-x"}).names(), (Words{"--watch", "-x"}));
  EXPECT_FALSE(Good({"--", "--watch"}).On("watch"));
}

TEST(Parse, LetsTheLastOfARepeatedFlagWin) {
  EXPECT_EQ(Good({"--log-file=a", "--log-file", "b"}).Text("log-file"), "b");
  EXPECT_FALSE(Good({"--watch", "--watch=false"}).On("watch"));
}

TEST(Parse, CountsTwoQuotesAndNothingBehindEqualsAsEmpty) {
  for (const Words& words :
       {Words{"--log-file=\"\""}, Words{"--log-file", "\"\""}, Words{"--log-file="},
        Words{"-log-file=", "--watch"}, Words{"--log-file", ""}}) {
    const Arguments arguments = Good(words);
    ASSERT_TRUE(arguments.Find("log-file"));
    EXPECT_EQ(*arguments.Find("log-file")->AsString(), "");
    EXPECT_EQ(arguments.names(), Words{});
  }
}

TEST(Parse, KeepsValuesThatLookLikeFlagsListsOrBrackets) {
  const Arguments arguments =
      Good({"--components", "-disk,*", "--states", R"([{"a":1},{"b":2}])", "--gpu-count", "-1"});
  EXPECT_EQ(arguments.Find("components")->AsArray()->size(), 2u);
  EXPECT_EQ(*arguments.Find("components")->AsArray()->at(0).AsString(), "-disk");
  EXPECT_EQ(JsonText(*arguments.Find("states")), R"([{"a":1},{"b":2}])");
  EXPECT_EQ(std::get<std::int64_t>(arguments.Find("gpu-count")->value), -1);
  EXPECT_EQ(Good({"[a,b]"}).names(), Words{"[a,b]"});
  EXPECT_EQ(std::get<std::int64_t>(Good({"--gpu-count=0x10"}).Find("gpu-count")->value), 16);
}

TEST(Parse, NamesWhatIsWrongAndWhatWasMeant) {
  EXPECT_EQ(Bad({"--wach"}), "flag provided but not defined: --wach (did you mean --watch?)");
  EXPECT_EQ(Bad({"-zzz=1"}), "flag provided but not defined: -zzz");
  EXPECT_EQ(Bad({"--gpu-count=many"}),
            "invalid value for --gpu-count: \"many\" is not a whole number");
  EXPECT_EQ(Bad({"--output", "xml"}),
            "invalid value for --output: \"xml\" is not one of table,json,yaml");
  EXPECT_EQ(Bad({"--since=soon"}),
            "invalid value for --since: \"soon\" is not a duration (such as 30s, 5m, 1h30m)");
  EXPECT_EQ(Bad({"--states={"}), "invalid value for --states: \"{\" is not a JSON document");
  EXPECT_NE(Bad({"--log-file"}), "");  // the value is missing
  EXPECT_EQ(Bad({"a", "b", "c", "d"}), "unexpected argument: d");
  EXPECT_EQ(Parse(kNameless, {"cpu"}).usage_error, "unexpected argument: cpu");
}

TEST(Parse, TellsABadLogLevelInTheWordsOfTheOriginal) {
  EXPECT_EQ(Parse(kCommand, {"--log-level", "zzz"}).level_error, "unrecognized level: \"zzz\"");
  EXPECT_EQ(Good({"-l", "WARN"}).Text("log-level"), "WARN");
  EXPECT_EQ(Good({"-l=debug"}).Text("log-level"), "debug");
}

TEST(Parse, SurvivesWhateverIsThrownAtIt) {
  for (const char* word : {"-", "--", "---", "-=", "--=", "=", "--=x", "-\xff", "--watch==", ""}) {
    Parse(kCommand, {word});
    Parse(kCommand, {word, word});
  }
}

}  // namespace
}  // namespace gpud::cli
