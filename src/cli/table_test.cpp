// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include <gtest/gtest.h>

#include "platform/text.h"

namespace gpud::cli {
namespace {

Table Sample() {
  Table table({"NAME", "REASON"});
  table.Add({"✔ disk", "all is well"});
  table.Add({"显卡", "the third word wraps when it must"});
  return table;
}

TEST(Table, AlignsColumnsByWhatTheyTakeOnTheScreen) {
  EXPECT_EQ(Sample().Text({}),
            "NAME    REASON\n"
            "✔ disk  all is well\n"
            "显卡    the third word wraps when it must\n");
}

TEST(Table, WrapsTheWidestColumnWhereTheTerminalIsNarrow) {
  const std::string text = Sample().Text({.interactive = true, .width = 30});
  EXPECT_EQ(text,
            "NAME    REASON\n"
            "✔ disk  all is well\n"
            "显卡    the third word wraps\n"
            "        when it must\n");
  std::string_view rest = text, line;
  while (NextLine(rest, line)) EXPECT_LE(ColumnsOf(line), 30u) << line;
}

TEST(Table, IndentsColoursAndKeepsShortRows) {
  Table table;
  table.Add({{"a", Colour::kRed}, "b"});
  table.Add({"only"});
  EXPECT_EQ(table.Text({.colour = true}, 2), "  \x1b[31ma\x1b[0m     b\n  only\n");
  EXPECT_EQ(Table().Text({}), "");
}

TEST(Table, MakesTextsSafe) {
  Table table;
  table.Add({"a\nb\x1b[2J"});
  EXPECT_EQ(table.Text({}), "a b\\x1b[2J\n");
}

}  // namespace
}  // namespace gpud::cli
