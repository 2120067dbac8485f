// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "platform/text.h"

namespace gpud::cli {
namespace {

constexpr std::size_t kNarrowest = 20;

struct Range {
  char32_t first, last;
};

// Combining marks and zero-width characters (Unicode, general categories Mn and Cf), the blocks
// that occur in messages.
constexpr Range kZeroWidth[] = {{0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x200B, 0x200F},
                                {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}};
// East_Asian_Width W and F (Unicode Standard Annex 11), by block.
constexpr Range kDoubleWidth[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},  {0x23E9, 0x23EC}, {0x2E80, 0x303E},   {0x3041, 0x33FF},
    {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},  {0xA000, 0xA4CF}, {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},
    {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},  {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF},
    {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};

template <std::size_t N>
bool In(const Range (&ranges)[N], char32_t c) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [c](const Range& range) { return c >= range.first && c <= range.last; });
}

std::size_t ColumnsOf(char32_t c) {
  if (In(kZeroWidth, c)) return 0;
  return In(kDoubleWidth, c) ? 2 : 1;
}

/// Takes one character off valid UTF-8; `bytes` is its length.
char32_t NextCharacter(std::string_view text, std::size_t& bytes) {
  const auto first = static_cast<unsigned char>(text.front());
  bytes = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  bytes = std::min(bytes, text.size());
  static constexpr unsigned kFirstBits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t c = first & kFirstBits[bytes];
  for (std::size_t i = 1; i < bytes; ++i) {
    c = (c << 6) | (static_cast<unsigned char>(text[i]) & 0x3Fu);
  }
  return c;
}

/// The bytes of the longest start of `text` that fits into `width` columns; at least one character.
std::size_t BytesThatFit(std::string_view text, std::size_t width) {
  std::size_t at = 0, columns = 0;
  while (at < text.size()) {
    std::size_t bytes = 0;
    columns += ColumnsOf(NextCharacter(text.substr(at), bytes));
    if (columns > width && at > 0) break;
    at += bytes;
  }
  return at;
}

}  // namespace

Terminal TerminalOf(int fd, const std::map<std::string, std::string>& environment) {
  Terminal terminal;
  if (isatty(fd) == 0) return terminal;
  terminal.interactive = true;
  const auto term = environment.find("TERM");
  terminal.colour =
      !environment.contains("NO_COLOR") && !(term != environment.end() && term->second == "dumb");
  winsize size{};
  if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    terminal.width = std::max<std::size_t>(size.ws_col, kNarrowest);
  }
  return terminal;
}

std::string Painted(std::string_view text, Colour colour, const Terminal& terminal) {
  static constexpr std::string_view kCodes[] = {"", "32", "31", "33", "2", "1"};
  if (!terminal.colour || colour == Colour::kNone) return std::string(text);
  return "\x1b[" + std::string(kCodes[static_cast<std::size_t>(colour)]) + "m" + std::string(text) +
         "\x1b[0m";
}

std::string CheckMark(const Terminal& terminal) { return Painted("✔", Colour::kGreen, terminal); }
std::string CrossMark(const Terminal& terminal) { return Painted("✘", Colour::kRed, terminal); }
std::string HourGlass(const Terminal& terminal) { return Painted("⌛", Colour::kYellow, terminal); }

std::size_t ColumnsOf(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    std::size_t bytes = 0;
    columns += ColumnsOf(NextCharacter(text, bytes));
    text.remove_prefix(bytes);
  }
  return columns;
}

std::string OneLine(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string line;
  const std::string valid = ValidUtf8(Trim(text));
  for (std::size_t i = 0; i < valid.size(); ++i) {
    const auto byte = static_cast<unsigned char>(valid[i]);
    const bool c1 = byte == 0xC2 && i + 1 < valid.size() &&
                    static_cast<unsigned char>(valid[i + 1]) < 0xA0;  // U+0080 .. U+009F
    if (byte == '\n' || byte == '\t' || byte == '\r') {
      line += ' ';
    } else if (byte < 0x20 || byte == 0x7F || c1) {
      const auto shown = c1 ? static_cast<unsigned char>(valid[++i]) : byte;
      line += {'\\', 'x', kHex[shown >> 4], kHex[shown & 0xF]};
    } else {
      line += valid[i];
    }
  }
  return line;
}

std::vector<std::string> Wrapped(std::string_view text, std::size_t width) {
  if (width == 0 || ColumnsOf(text) <= width) return {std::string(text)};
  std::vector<std::string> lines(1);
  std::size_t columns = 0;
  for (std::string_view word : SplitBlanks(text)) {
    const std::size_t needed = ColumnsOf(word);
    if (columns > 0 && columns + 1 + needed > width) {
      lines.emplace_back();
      columns = 0;
    }
    if (columns > 0) lines.back() += ' ';
    columns += columns > 0 ? 1 : 0;
    while (columns == 0 && ColumnsOf(word) > width) {
      const std::size_t bytes = BytesThatFit(word, width);
      lines.back() = word.substr(0, bytes);
      lines.emplace_back();
      word.remove_prefix(bytes);
    }
    lines.back() += word;
    columns += ColumnsOf(word);
  }
  return lines;
}

}  // namespace gpud::cli
