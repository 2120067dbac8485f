// SPDX-License-Identifier: Apache-2.0
#include "sources/procfs/command_line.h"

#include <gtest/gtest.h>

namespace gpud::procfs {
namespace {

/// With '|' between the arguments.
std::string Shown(std::string text) {
  for (char& c : text) {
    if (c == '|') c = '\0';
  }
  return ShownCommand(text);
}

TEST(ShownCommand, IsTheArgumentsOnOneLine) {
  EXPECT_EQ(Shown("python|train.py|--lr|1e-4|"), "python train.py --lr 1e-4");
  EXPECT_EQ(Shown("nginx: worker process"), "nginx: worker process");
  EXPECT_EQ(Shown("sh|-c|a\n\tb"), "sh -c a b");
  EXPECT_EQ(Shown(""), "");
}

TEST(ShownCommand, LeavesOutValuesThatAreSecretByTheirName) {
  EXPECT_EQ(Shown("x|--token|abc|--lr|1"), "x --token *** --lr 1");
  EXPECT_EQ(Shown("x|--hf-token=abc|-v"), "x --hf-token=*** -v");
  EXPECT_EQ(Shown("x|--api_key|a b c|-v"), "x --api_key *** -v");
  EXPECT_EQ(Shown("env|AWS_SECRET_ACCESS_KEY=a/b+c=|train"), "env AWS_SECRET_ACCESS_KEY=*** train");
  EXPECT_EQ(Shown("env|PASSWORD=a b c|train"), "env PASSWORD=*** train");
  EXPECT_EQ(Shown("sh|-c|TOKEN=abc train --lr 1"), "sh -c TOKEN=***");
  EXPECT_EQ(Shown("sh|-c|export DB_PASSWORD='a b'; train"), "sh -c export DB_PASSWORD=***; train");
  EXPECT_EQ(Shown("sh|-c|export DB_PASSWORD='a b"), "sh -c export DB_PASSWORD=***");
  EXPECT_EQ(Shown(R"(x|--config|{"password": "a b", "lr": 1})"),
            R"(x --config {"password": ***, "lr": 1})");
  EXPECT_EQ(Shown("server --token abc --port 1"), "server --token *** --port 1");
}

TEST(ShownCommand, LeavesOutWhatIsSecretByItsPlaceOrShape) {
  EXPECT_EQ(Shown("curl|-H|Authorization: Bearer abc"), "curl -H Authorization: Bearer ***");
  EXPECT_EQ(Shown("x|postgres://user:pass@db/x"), "x postgres://***@db/x");
  EXPECT_EQ(Shown("x|--db=redis://:pw@h"), "x --db=redis://***@h");
  EXPECT_EQ(Shown("login|hf_abcdefghijklmnopqrstuv"), "login ***");
  EXPECT_EQ(Shown("x|--hub=hf_abcdefghijklmnopqrstuv"), "x --hub=***");
}

TEST(ShownCommand, LeavesOrdinaryArgumentsAlone) {
  for (const char* command :
       {"x --max-tokens 4096", "x --tokenizer gpt2", "x --key-file /etc/k", "x --bypass a",
        "x --password-file=/run/p", "x a=b c:d", "x https://h/p?a=1", "x --pad-token-id 0",
        "token server", "x --verbose"}) {
    std::string arguments(command);
    for (char& c : arguments) {
      if (c == ' ') c = '\0';
    }
    EXPECT_EQ(ShownCommand(arguments), command);
  }
}

TEST(ShownCommand, IsBoundedAndCutBetweenCharacters) {
  EXPECT_EQ(ShownCommand(std::string(5'000, 'a'), 10), "aaaaaaa...");
  EXPECT_EQ(ShownCommand("aaaaaa\xc3\xa4"
                         "bbbbb",
                         10),
            "aaaaaa...");
  std::string many;
  for (int i = 0; i < 10'000; ++i) many += std::string("a\0", 2);
  EXPECT_LE(ShownCommand(many).size(), 512U);
}

TEST(ShownCommand, MakesBadBytesHarmless) {
  EXPECT_EQ(ShownCommand("a\xff"), "a\xef\xbf\xbd");
  EXPECT_EQ(Shown("--token="), "--token=");
  EXPECT_EQ(Shown("--token"), "--token");
  EXPECT_EQ(Shown("|||"), "");
  EXPECT_EQ(Shown("a||b"), "a  b");
}

}  // namespace
}  // namespace gpud::procfs
