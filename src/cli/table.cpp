// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include <algorithm>
#include <numeric>

namespace gpud::cli {
namespace {

constexpr std::size_t kGap = 2;        // blanks between columns
constexpr std::size_t kNarrowest = 8;  // a column is not wrapped below this many columns

/// Takes columns off the widest until the sum fits, or none can give any more.
void Shrink(std::vector<std::size_t>& widths, std::size_t available) {
  std::size_t sum = std::accumulate(widths.begin(), widths.end(), std::size_t{0});
  while (sum > available) {
    const auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= kNarrowest) return;
    --*widest;
    --sum;
  }
}

void AppendRow(std::string& out, const std::vector<Cell>& row,
               const std::vector<std::size_t>& widths, const Terminal& terminal,
               std::size_t indent) {
  std::vector<std::vector<std::string>> cells;
  std::size_t height = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    cells.push_back(Wrapped(row[i].text, terminal.width == 0 ? 0 : widths[i]));
    height = std::max(height, cells.back().size());
  }
  for (std::size_t line = 0; line < height; ++line) {
    std::size_t blanks = indent;  // owed: never written at the end of a line
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string text = line < cells[i].size() ? cells[i][line] : std::string();
      const std::size_t columns = ColumnsOf(text);
      if (columns > 0) {
        out.append(blanks, ' ');
        out += Painted(text, row[i].colour, terminal);
        blanks = 0;
      }
      blanks += widths[i] - std::min(widths[i], columns) + kGap;
    }
    out += '\n';
  }
}

}  // namespace

void Table::Add(std::vector<Cell> row) {
  for (Cell& cell : row) cell.text = OneLine(cell.text);
  rows_.push_back(std::move(row));
}

std::string Table::Text(const Terminal& terminal, std::size_t indent) const {
  std::vector<std::size_t> widths;
  const auto widen = [&widths](std::size_t column, std::string_view text) {
    if (widths.size() <= column) widths.resize(column + 1);
    widths[column] = std::max(widths[column], ColumnsOf(text));
  };
  for (std::size_t i = 0; i < titles_.size(); ++i) widen(i, titles_[i]);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widen(i, row[i].text);
  }
  if (widths.empty()) return {};
  if (terminal.width > 0) {
    const std::size_t fixed = indent + kGap * (widths.size() - 1);
    Shrink(widths, terminal.width > fixed ? terminal.width - fixed : 0);
  }
  std::string out;
  if (!titles_.empty()) {
    std::vector<Cell> header;
    for (const std::string& title : titles_) header.emplace_back(title, Colour::kDim);
    AppendRow(out, header, widths, terminal, indent);
  }
  for (const auto& row : rows_) AppendRow(out, row, widths, terminal, indent);
  return out;
}

}  // namespace gpud::cli
