// SPDX-License-Identifier: Apache-2.0
#include "plugins/read_output.h"

#include <gtest/gtest.h>

#include "testing/fake_host.h"

namespace gpud::plugins {
namespace {

using Info = std::map<std::string, std::string>;

JsonPathRule Rule(const std::string& query, const std::string& field,
                  std::optional<std::string> expect = {}) {
  JsonPathRule rule{.query = query, .field = field};
  if (expect) rule.expect = MatchRule{*expect};
  return rule;
}

TEST(ReadJson, ShowsWhatIsThereAndNotesWhatIsNotAsExpected) {
  const Parser parser{.json_paths = {Rule("$.a", "a"), Rule("$.none", "gone"),
                                     Rule("$.none", "missed", "x"), Rule("$.n", "number", "^1e")}};
  const Reading reading = ReadJson(parser, R"({"a":"text","n":1000000})");
  EXPECT_EQ(reading.parse_error, "");
  EXPECT_EQ(reading.extra_info, (Info{{"a", "text"}, {"missed", ""}, {"number", "1e+06"}}));
  EXPECT_TRUE(reading.mismatch);
}

TEST(ReadJson, AnExpectationWithoutARegexMatchesEverythingThatIsThere) {
  Parser parser{.json_paths = {Rule("$.a", "a")}};
  parser.json_paths[0].expect = MatchRule{};
  EXPECT_FALSE(ReadJson(parser, R"({"a":""})").mismatch);
  EXPECT_TRUE(ReadJson(parser, "{}").mismatch);
}

TEST(ReadJson, JoinsTheTextsThatAskForTheSameAction) {
  Parser parser{.json_paths = {Rule("$.a", "a"), Rule("$.b", "b"), Rule("$.c", "c")}};
  parser.json_paths[0].suggested_actions = {{"REBOOT_SYSTEM", {"x"}}};
  parser.json_paths[1].suggested_actions = {{"HARDWARE_INSPECTION", {}}, {"REBOOT_SYSTEM", {"x"}}};
  parser.json_paths[2].suggested_actions = {{"REBOOT_SYSTEM", {"^y"}}};
  const Reading reading = ReadJson(parser, R"({"a":"x1","b":"x2","c":"x3"})");
  EXPECT_EQ(reading.actions, (std::vector<MatchedAction>{{"REBOOT_SYSTEM", "x1, x2"},
                                                         {"HARDWARE_INSPECTION", "x2"}}));
}

TEST(ReadJson, ToldFailuresNameTheRule) {
  const auto failure = [](const JsonPathRule& rule, std::string_view text) {
    return ReadJson({.json_paths = {rule}}, text).parse_error;
  };
  EXPECT_EQ(failure(Rule("$.l[9]", "f"), R"({"l":[]})"),
            "failed to read json path \"$.l[9]\": index 9 out of bounds");
  EXPECT_TRUE(failure(Rule("$.a", "f", "("), R"({"a":1})")
                  .starts_with("failed to check match rule for path \"$.a\": failed to compile "
                               "regex \"(\""));
  JsonPathRule action = Rule("$.a", "f");
  action.suggested_actions["X"] = {"["};
  EXPECT_TRUE(failure(action, R"({"a":1})")
                  .starts_with("failed to check match rule for path \"$.a\" for suggested action "
                               "\"X\": failed to compile regex"));
  EXPECT_NE(failure(Rule("$.a", "f"), "{broken"), "");
  EXPECT_EQ(failure(Rule("$.a", "f", "x"), "no brace"), "") << "without an object, no rule counts";
}

TEST(AppendLog, WritesTheRawOutputUnderThePluginsName) {
  FakeHost machine;
  const Parser parser{.log_path = machine.Path("/${PLUGIN}-${TRIGGER}.log")};
  const WallTime now = machine.clock.wall;
  ASSERT_TRUE(AppendLog(parser, "p", "auto", now, "one\n"));
  ASSERT_TRUE(AppendLog(parser, "p", "auto", now, "two"));
  EXPECT_EQ(machine.root.Read("/p-auto.log").value(),
            "[2026-03-01T08:00:00Z] plugin=p trigger=auto\noutput=one\n\n"
            "[2026-03-01T08:00:00Z] plugin=p trigger=auto\noutput=two\n");
  ASSERT_TRUE(AppendLog(parser, "p", "", now, "nothing, as there is no trigger's word"));
  EXPECT_EQ(machine.root.List("/")->size(), 1u);
  EXPECT_TRUE(AppendLog({.log_path = machine.Path("/none/x")}, "p", "", now, "x")
                  .error()
                  .what.starts_with("failed to open log file: "));
  EXPECT_FALSE(AppendLog({.log_path = machine.Path("/")}, "p", "", now, "x"));
}

// Examples of the Monitoring Plugins Development Guidelines.
TEST(ReadNagios, ReadsSummaryAndPerfdataOfAllLines) {
  const Reading reading = ReadNagios(
      "DISK OK - free space: / 3326 MB (56%); | /=2643MB;5948;5958;0;5968\n"
      "/ 15272 MB (77%);\n"
      "/boot 68 MB (69%); | /boot=68MB;88;93;0;98\n"
      "/home=69357MB;253404;253409;0;253414 'a ''b'''=1.5e3s u=U x=-2%\n");
  EXPECT_EQ(reading.summary, "DISK OK - free space: / 3326 MB (56%);");
  const auto sample = [](const std::string& label, const std::string& unit, double value) {
    return OutputSample{"perfdata", {{"label", label}, {"unit", unit}}, value};
  };
  EXPECT_EQ(reading.samples,
            (std::vector<OutputSample>{sample("/", "MB", 2643), sample("/boot", "MB", 68),
                                       sample("/home", "MB", 69357), sample("a 'b'", "s", 1500),
                                       sample("x", "%", -2)}));
}

TEST(ReadNagios, TakesWhatIsNoPerfdataForNone) {
  EXPECT_EQ(ReadNagios("OK | =1 'open").samples.size(), 0u);
  EXPECT_EQ(ReadNagios("").summary, "");
  EXPECT_EQ(ReadNagios("OK |").samples.size(), 0u);
  EXPECT_EQ(ReadNagios("OK | a=1 b").samples.size(), 1u);
}

TEST(ReadNpd, TakesTheFirstLine) {
  EXPECT_EQ(ReadNpd("\nntp is not running\nmore\n").summary, "ntp is not running");
}

TEST(ReadOpenMetrics, ReadsSamplesAndNamesTheLineThatIsNone) {
  const Reading reading = ReadOpenMetrics(
      "# HELP fan_rpm x\n# TYPE fan_rpm gauge\nfan_rpm{fan=\"1\",at=\"a\\\"b\"} 3000 "
      "1395066363000\n"
      "bad_sensor NaN\nup 1\n# EOF\n");
  EXPECT_EQ(reading.parse_error, "");
  EXPECT_EQ(reading.samples,
            (std::vector<OutputSample>{{"fan_rpm", {{"fan", "1"}, {"at", "a\"b"}}, 3000},
                                       {"up", {}, 1}}));
  EXPECT_EQ(ReadOpenMetrics("up 1\n<html>\n").parse_error,
            "line 2 is no OpenMetrics sample: <html>");
  EXPECT_NE(ReadOpenMetrics("a{b=\"c} 1\n").parse_error, "");
  EXPECT_NE(ReadOpenMetrics("a{b} 1\n").parse_error, "");
}

}  // namespace
}  // namespace gpud::plugins
