// SPDX-License-Identifier: Apache-2.0
// Table: aligned columns for a person; as wide as its texts need, but no wider than the terminal.
#pragma once

#include <string>
#include <vector>

#include "cli/terminal.h"

namespace gpud::cli {

struct Cell {
  Cell(std::string cell_text, Colour cell_colour = Colour::kNone)  // NOLINT: a text is a cell
      : text(std::move(cell_text)), colour(cell_colour) {}
  Cell(const char* cell_text) : text(cell_text) {}  // NOLINT: a text is a cell

  std::string text;
  Colour colour = Colour::kNone;
};

class Table {
 public:
  /// Titles in capitals; without any, no line of titles is printed and the first row counts.
  explicit Table(std::vector<std::string> titles = {}) : titles_(std::move(titles)) {}

  /// Texts are made safe for a terminal (OneLine). A shorter row ends early.
  void Add(std::vector<Cell> row);
  bool empty() const { return rows_.empty(); }

  /// Every line is indented by `indent` blanks. Where the terminal is too narrow, the widest
  /// columns are wrapped; a pipe gets one line a row.
  std::string Text(const Terminal& terminal, std::size_t indent = 0) const;

 private:
  std::vector<std::string> titles_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace gpud::cli
