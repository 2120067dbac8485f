// SPDX-License-Identifier: Apache-2.0
#include "plugins/json_path.h"

#include <gtest/gtest.h>

namespace gpud::plugins {
namespace {

/// The text of what a query finds, "(none)" or "error: ...".
std::string Ask(const std::string& query, std::string_view document) {
  const auto path = JsonPath::Compile(query);
  if (!path) return "error: " + path.error().what;
  const auto found = path->Find(ParseJson(document).value());
  if (!found) return "error: " + found.error().what;
  return *found ? ValueText(**found) : "(none)";
}

constexpr std::string_view kDocument =
    R"({"a":null,"s":"x","n":{"z":1,"b":null},"l":[1,"two",{"k":"v"}]})";

// The table of measurements with the original's library.
TEST(JsonPath, FindsWhatTheOriginalFinds) {
  const std::pair<const char*, const char*> cases[] = {
      {"$.s", "x"},
      {"$['s']", "x"},
      {"s", "x"},
      {"$.n", R"({"b":null,"z":1})"},
      {"$.l", R"([1,"two",{"k":"v"}])"},
      {"$", R"({"a":null,"l":[1,"two",{"k":"v"}],"n":{"b":null,"z":1},"s":"x"})"},
      {"$.l[0]", "1"},
      {"$.l[0:2]", R"([1,"two"])"},
      {"$.l[*]", R"([1,"two",{"k":"v"}])"},
      {"$..k", R"(["v"])"},
      {"$.l[?(@.k=='v')]", R"([{"k":"v"}])"},
      {"$.missing", "(none)"},
      {"$.missing.x.y", "(none)"},
      {"$.missing[0]", "(none)"},
      {"$.n[0]", "(none)"},
      {"$.a", "(none)"},
      {"$.n.b", "(none)"},
  };
  for (const auto& [query, expected] : cases) EXPECT_EQ(Ask(query, kDocument), expected) << query;
}

TEST(JsonPath, FailsWhereTheOriginalFails) {
  EXPECT_TRUE(Ask("$.a.b", kDocument).starts_with("error: unsupported value type"));
  EXPECT_TRUE(Ask("$.s.t", kDocument).starts_with("error: unsupported value type"));
  EXPECT_EQ(Ask("$.l[9]", kDocument), "error: index 9 out of bounds");
  EXPECT_EQ(Ask("$.l[-1]", kDocument), "error: index -1 out of bounds");
  EXPECT_TRUE(Ask("$.l.x", kDocument).starts_with("error: could not select value, invalid key"));
  for (const char* query : {"", "$.", "$[", "$['a", "$.a b", "$[?(@.a", "$x", "$[::0]", "$[1"}) {
    EXPECT_TRUE(Ask(query, kDocument).starts_with("error: parsing error: ")) << query;
  }
}

TEST(JsonPath, KnowsUnionsSlicesAndConditions) {
  constexpr std::string_view kItems =
      R"({"l":[{"n":1,"t":"a"},{"n":2,"t":"b"},{"n":3}],"o":{"x":1,"y":2},"limit":2})";
  EXPECT_EQ(Ask("$.o['x','y']", kItems), "[1,2]");
  EXPECT_EQ(Ask("$.l[0,2].n", kItems), "[1,3]");
  EXPECT_EQ(Ask("$.l[-1:].n", kItems), "[3]");
  EXPECT_EQ(Ask("$.l[::-1].n", kItems), "[3,2,1]");
  EXPECT_EQ(Ask("$.l[9:].n", kItems), "[]");
  EXPECT_EQ(Ask("$.l[?(@.n>1)].n", kItems), "[2,3]");
  EXPECT_EQ(Ask("$.l[?(@.n>=2 && @.t)].n", kItems), "[2]");
  EXPECT_EQ(Ask("$.l[?(@.t != 'a' && (@.n == 2 || @.n == 3))].n", kItems), "[2]");
  EXPECT_EQ(Ask("$.l[?(@.n == $.limit)].t", kItems), R"(["b"])");
  EXPECT_EQ(Ask("$.l[?(!(@.n == 2))].n", kItems), "[1,3]");
  EXPECT_EQ(Ask("$.l[?(@.t =~ '^[ab]$')].n", kItems), "[1,2]");
}

TEST(JsonPath, GivesUpOnAQueryThatLooksAtTooMuch) {
  std::string document = "1";
  for (int depth = 0; depth < 25; ++depth)
    document = "[" + document + "," + document.substr(0, 2000) + "]";
  if (!ParseJson(document)) document = "[[[[[[[[[[[[1,1],[1,1]]]]]]]]]]]]";
  const std::string answer = Ask("$..*..*..*..*..*..*..*..*..*..*", document);
  EXPECT_TRUE(answer.starts_with("error: the query looks at too many") || answer == "[]" ||
              answer.size() < 10'000'000);
}

TEST(ValueText, ShowsNumbersAsGoDoes) {
  const std::pair<const char*, const char*> cases[] = {
      {"1", "1"},           {"1.5", "1.5"},       {"100000", "100000"},
      {"1000000", "1e+06"}, {"0.0001", "0.0001"}, {"123456789", "1.23456789e+08"},
      {"0.00001", "1e-05"}, {"-0.5", "-0.5"},     {"1e100", "1e+100"},
      {"true", "true"},     {"\"q\"", "q"},       {"0", "0"},
  };
  for (const auto& [json, text] : cases) EXPECT_EQ(ValueText(ParseJson(json).value()), text);
}

TEST(ValueText, EscapesNestedTextsAsGoDoes) {
  EXPECT_EQ(ValueText(ParseJson(R"({"b":"<&>","a":[1000000]})").value()),
            R"({"a":[1000000],"b":"\u003c\u0026\u003e"})");
}

TEST(FirstObject, TakesOneObjectAndNoMore) {
  EXPECT_EQ(ValueText(**FirstObject("log line\n{\"a\":\"}\\\"{\"} {\"b\":2}")), R"({"a":"}\"{"})");
  EXPECT_FALSE(FirstObject("no object here")->has_value());
  EXPECT_FALSE(FirstObject("{not json} {\"a\":1}").has_value());
  EXPECT_FALSE(FirstObject("{\"a\":").has_value());
  EXPECT_EQ(ValueText(**FirstObject("{\"a\":\"\xFF\"}")), "{\"a\":\"\xEF\xBF\xBD\"}");
}

}  // namespace
}  // namespace gpud::plugins
