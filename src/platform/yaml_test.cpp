// SPDX-License-Identifier: Apache-2.0
#include "platform/yaml.h"

#include <gtest/gtest.h>

namespace gpud {
namespace {

TEST(Yaml, KnowsTheLinesOfKeysAndValues) {
  const auto root = ParseYamlTree("a: 1\nb:\n  - \"8\"\n  - {c: ~}\na: 2\n");
  ASSERT_TRUE(root);
  ASSERT_EQ(root->members.size(), 3u) << "doubles are kept";
  EXPECT_EQ(root->members[2].key, "a");
  EXPECT_EQ(root->members[2].line, 5);
  const YamlNode& list = root->members[1].value;
  ASSERT_EQ(list.items.size(), 2u);
  EXPECT_EQ(list.items[0].line, 3);
  EXPECT_TRUE(list.items[0].quoted);
  EXPECT_EQ(list.items[1].members[0].value.kind, YamlNode::Kind::kNull);
  EXPECT_EQ(JsonText(JsonOfYaml(*root)), R"({"a":1,"b":["8",{"c":null}],"a":2})");
}

TEST(Yaml, TellsTheLineOfWhatIsWrong) {
  EXPECT_TRUE(ParseYamlTree("a: 1\nb: [\n").error().what.find("not valid YAML") !=
              std::string::npos);
  EXPECT_TRUE(ParseYamlTree("a: 1\n---\nb: 2\n").error().what.starts_with("2: a second"));
  EXPECT_EQ(ParseYamlTree("")->kind, YamlNode::Kind::kNull);
}

TEST(Yaml, StopsWhereAliasesWouldMakeABillionValues) {
  std::string text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 1; k < 10; ++k) text += "," + before;
    text += "]\n";
  }
  EXPECT_NE(ParseYamlTree(text).error().what.find("use fewer aliases"), std::string::npos);
}

}  // namespace
}  // namespace gpud
