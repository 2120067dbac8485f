// SPDX-License-Identifier: Apache-2.0
#include "platform/json.h"

#include <gtest/gtest.h>

namespace gpud {
namespace {

TEST(JsonText, KeepsOrderTypesAndNumbers) {
  const std::string text = R"({"b":[1,-2,18446744073709551615,0.5],"a":{"x":null,"y":true}})";
  EXPECT_EQ(JsonText(*ParseJson(text)), text);
}

TEST(JsonText, IndentsByFour) {
  EXPECT_EQ(JsonText(*ParseJson(R"({"a":[1],"b":{},"c":[]})"), 4),
            "{\n    \"a\": [\n        1\n    ],\n    \"b\": {},\n    \"c\": []\n}");
}

TEST(JsonText, SaysWhatIsWrong) {
  EXPECT_EQ(ParseJson("{\"a\":").error().code, ErrorCode::kParse);
  EXPECT_FALSE(ParseJson(std::string(100'000, '[')));
  EXPECT_FALSE(ParseJson("1 2"));
  EXPECT_FALSE(ParseJson("[1e600]"));  // found by fuzzing: infinity has no text
}

TEST(YamlText, IsSortedIndentedAndQuotedWhereAPlainWordWouldMeanSomethingElse) {
  const auto json = ParseJson(
      R"({"status":"ok","list":[{"b":"true","a":"1.50"},["x","y"]],"count":7.25,"empty":[],"none":null,
          "time":"2026-03-01T08:00:00Z","lines":"a\nb\n","tail":"a\nb","colon":"a: b"})");
  EXPECT_EQ(YamlText(*json),
            "colon: \"a: b\"\n"
            "count: 7.25\n"
            "empty: []\n"
            "lines: |\n  a\n  b\n"
            "list:\n"
            "- a: \"1.50\"\n  b: \"true\"\n"
            "- - x\n  - \"y\"\n"
            "none: null\n"
            "status: ok\n"
            "tail: |-\n  a\n  b\n"
            "time: \"2026-03-01T08:00:00Z\"\n");
  EXPECT_EQ(YamlText(*ParseJson("null")), "null\n");
  EXPECT_EQ(YamlText(*ParseJson("[]")), "[]\n");
}

}  // namespace
}  // namespace gpud
