// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "platform/unique_fd.h"

namespace gpud::cli {
namespace {

using Lines = std::vector<std::string>;

TEST(Terminal, CountsColumnsNotBytes) {
  EXPECT_EQ(ColumnsOf(""), 0u);
  EXPECT_EQ(ColumnsOf("abc"), 3u);
  EXPECT_EQ(ColumnsOf("✔ ok"), 4u);
  EXPECT_EQ(ColumnsOf("e\xcc\x81"), 1u);  // e and a combining accent
  EXPECT_EQ(ColumnsOf("显卡"), 4u);       // wide
  EXPECT_EQ(ColumnsOf("⌛"), 2u);
  EXPECT_EQ(ColumnsOf("😀"), 2u);
}

TEST(Terminal, LetsNoTextSteerIt) {
  EXPECT_EQ(OneLine("a\nb\tc\r"), "a b c");
  EXPECT_EQ(OneLine("\x1b[31mred"), "\\x1b[31mred");
  EXPECT_EQ(OneLine("bell\x07 del\x7f"), "bell\\x07 del\\x7f");
  EXPECT_EQ(OneLine("csi \xc2\x9b"
                    "1m"),
            "csi \\x9b1m");  // U+009B is a one-character ESC [
  EXPECT_EQ(OneLine("bad \xff"), "bad \xef\xbf\xbd");
}

TEST(Terminal, WrapsAtBlanksAndCutsWhatIsTooLong) {
  EXPECT_EQ(Wrapped("one two three", 0), Lines{"one two three"});
  EXPECT_EQ(Wrapped("one two three", 7), (Lines{"one two", "three"}));
  EXPECT_EQ(Wrapped("abcdefgh ij", 4), (Lines{"abcd", "efgh", "ij"}));
  EXPECT_EQ(Wrapped("显卡显卡", 5), (Lines{"显卡", "显卡"}));
}

TEST(Terminal, HasNoColourAndNoWidthWhenItIsNone) {
  const UniqueFd file(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  const Terminal none = TerminalOf(file.get(), {});
  EXPECT_FALSE(none.interactive);
  EXPECT_FALSE(none.colour);
  EXPECT_EQ(none.width, 0u);
  EXPECT_EQ(CheckMark(none), "✔");
  EXPECT_EQ(CrossMark({.colour = true}), "\x1b[31m✘\x1b[0m");
}

TEST(Terminal, HonoursNoColorAndDumb) {
  const UniqueFd pty(::open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!pty.valid()) GTEST_SKIP() << "no pseudo terminal here";
  EXPECT_TRUE(TerminalOf(pty.get(), {}).colour);
  EXPECT_FALSE(TerminalOf(pty.get(), {{"NO_COLOR", ""}}).colour);
  EXPECT_FALSE(TerminalOf(pty.get(), {{"TERM", "dumb"}}).colour);
  EXPECT_TRUE(TerminalOf(pty.get(), {{"TERM", "dumb"}}).interactive);
}

}  // namespace
}  // namespace gpud::cli
