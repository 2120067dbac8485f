// SPDX-License-Identifier: Apache-2.0
#include "cli/help.h"

#include <gtest/gtest.h>

#include <set>

#include "cli/completion.h"
#include "cli/moment.h"
#include "platform/text.h"

namespace gpud::cli {
namespace {

void ExpectNarrow(const std::string& text) {
  std::string_view rest = text, line;
  while (NextLine(rest, line)) EXPECT_LE(ColumnsOf(line), 80u) << line;
}

TEST(Help, FitsEightyColumnsAndHasExamplesForEveryCommandThatIsBuilt) {
  ExpectNarrow(Overview());
  for (const Command* command : Commands()) {
    const std::string help = HelpOf(*command);
    ExpectNarrow(help);
    EXPECT_NE(help.find("USAGE:"), std::string::npos) << command->name;
    const bool built = command->group != Group::kNotBuilt && command->group != Group::kHidden;
    EXPECT_EQ(help.find("EXAMPLES:") != std::string::npos, built) << command->name;
  }
}

TEST(Help, ListsEveryCommandButTheHidden) {
  const std::string overview = Overview();
  for (const Command* command : Commands()) {
    const bool shown = overview.find(' ' + std::string(command->name)) != std::string::npos;
    EXPECT_EQ(shown, command->group != Group::kHidden) << command->name;
  }
}

TEST(Commands, HaveNamesAndFlagsOnlyOnce) {
  std::set<std::string_view> names;
  for (const Command* command : Commands()) {
    EXPECT_TRUE(names.insert(command->name).second) << command->name;
    for (const std::string_view alias : Split(command->aliases, ',')) {
      EXPECT_TRUE(alias.empty() || names.insert(alias).second) << alias;
    }
    std::set<std::string_view> flags;
    std::set<char> letters;
    for (const Flag* flag : FlagsOf(*command)) {
      EXPECT_TRUE(flags.insert(flag->name).second) << command->name << ' ' << flag->name;
      if (flag->letter != 0) {
        EXPECT_TRUE(letters.insert(flag->letter).second) << command->name << ' ' << flag->letter;
      }
      EXPECT_EQ(flag->kind == Kind::kSwitch, flag->value.empty()) << flag->name;
      EXPECT_TRUE(flag->hidden || !flag->help.empty()) << flag->name;
    }
  }
  EXPECT_EQ(FindCommand("st"), FindCommand("status"));
  EXPECT_EQ(FindCommand("s"), FindCommand("scan"));
  EXPECT_EQ(FindCommand(""), nullptr);
  EXPECT_EQ(FindCommand("nothing"), nullptr);
}

/// Runs a shell's syntax check on a script.
bool ShellAccepts(const char* command, const std::string& script) {
  std::FILE* shell = ::popen(command, "w");
  if (!shell) return false;
  std::fwrite(script.data(), 1, script.size(), shell);
  return ::pclose(shell) == 0;
}

TEST(Completion, IsAScriptThatTheShellAcceptsAndKnowsCommandsFlagsAndComponents) {
  static constexpr ComponentType kCpu{.name = "cpu"};
  static constexpr const ComponentType* kComponents[] = {&kCpu};
  for (const std::string& script :
       {BashCompletion(kComponents), ZshCompletion(kComponents), FishCompletion(kComponents)}) {
    for (const char* word : {"scan", "set-healthy", "fail-on-unhealthy", "cpu", "json"}) {
      EXPECT_NE(script.find(word), std::string::npos) << word;
    }
    EXPECT_EQ(script.find("gpu-uuids-with"), std::string::npos) << "a hidden flag is shown";
  }
  EXPECT_TRUE(ShellAccepts("bash -n", BashCompletion(kComponents)));
}

TEST(Moment, IsBackFromNowOrATime) {
  const WallTime now{std::chrono::seconds(1'772'352'000)};
  EXPECT_EQ(*ParseMoment("1h30m", now), now - std::chrono::minutes(90));
  EXPECT_EQ(*ParseMoment("7d", now), now - std::chrono::hours(168));
  EXPECT_EQ(*ParseMoment("2026-03-01T08:00:00Z", now), now);
  for (const char* bad : {"", "soon", "-5m", "-1d", "d", "99999999999999d"}) {
    EXPECT_FALSE(ParseMoment(bad, now)) << bad;
  }
}

}  // namespace
}  // namespace gpud::cli
