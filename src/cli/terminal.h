// SPDX-License-Identifier: Apache-2.0
// Terminal: what the output can show (width, colour), and text made safe for it.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gpud::cli {

/// What a stream can show. A pipe or a file has no colour and no width.
struct Terminal {
  bool interactive = false;
  bool colour = false;
  std::size_t width = 0;  ///< columns; 0 = no limit
};

/// Of a descriptor. `NO_COLOR` (any value, https://no-color.org) and `TERM=dumb` switch colour off.
Terminal TerminalOf(int fd, const std::map<std::string, std::string>& environment);

enum class Colour : unsigned char { kNone, kGreen, kRed, kYellow, kDim, kBold };

std::string Painted(std::string_view text, Colour colour, const Terminal& terminal);

/// The marks of the original, coloured where the terminal shows colour.
std::string CheckMark(const Terminal& terminal);  ///< ✔
std::string CrossMark(const Terminal& terminal);  ///< ✘
std::string HourGlass(const Terminal& terminal);  ///< ⌛

/// Columns that a UTF-8 text takes: wide East Asian characters and emoji two, combining marks none.
std::size_t ColumnsOf(std::string_view text);

/// One line that cannot steer a terminal: line breaks and tabs become blanks, other control
/// characters (kernel messages may hold what a user wrote) "\x1b", bad UTF-8 U+FFFD.
std::string OneLine(std::string_view text);

/// Broken at blanks into lines of at most `width` columns; a longer word is cut. 0 = no limit.
std::vector<std::string> Wrapped(std::string_view text, std::size_t width);

}  // namespace gpud::cli
