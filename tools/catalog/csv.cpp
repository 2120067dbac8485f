// SPDX-License-Identifier: Apache-2.0
#include "tools/catalog/csv.h"

#include <algorithm>
#include <optional>

#include "platform/text.h"

namespace gpud::tools {
namespace {

/// The fields of one line; nothing when its quotes are wrong.
std::optional<std::vector<std::string>> Fields(std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += line[++i];
    } else if (quoted && c == '"') {
      quoted = false;
      if (i + 1 < line.size() && line[i + 1] != ',') return std::nullopt;
    } else if (quoted) {
      fields.back() += c;
    } else if (c == ',') {
      fields.emplace_back();
    } else if (c == '"' && (i == 0 || line[i - 1] == ',')) {
      quoted = true;
    } else if (c == '"') {
      return std::nullopt;
    } else {
      fields.back() += c;
    }
  }
  if (quoted) return std::nullopt;
  return fields;
}

std::string Numbered(const std::string& file, std::size_t line) {
  return file + ':' + std::to_string(line) + ": ";
}

}  // namespace

std::string CsvTable::Place(std::size_t row) const { return Numbered(file, row + 2); }

std::string_view CsvTable::At(std::size_t row, std::string_view column) const {
  const auto found = std::find(header.begin(), header.end(), column);
  return rows[row].at(static_cast<std::size_t>(found - header.begin()));
}

CsvTable ParseCsv(std::string file, std::string_view text, Problems& problems) {
  CsvTable table{.file = std::move(file)};
  std::string_view line;
  std::size_t number = 0;
  while (NextLine(text, line)) {
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    auto fields = Fields(line);
    if (!fields) {
      problems.push_back(Numbered(table.file, number) + "a quote stands alone");
      fields.emplace();
    } else if (number > 1 && fields->size() != table.header.size()) {
      problems.push_back(Numbered(table.file, number) + std::to_string(fields->size()) +
                         " fields; the header has " + std::to_string(table.header.size()));
      fields.emplace();
    }
    if (number == 1) {
      table.header = *std::move(fields);
    } else {
      // A bad row keeps its place, so that the lines of those behind it are told right.
      fields->resize(table.header.size());
      table.rows.push_back(*std::move(fields));
    }
  }
  return table;
}

}  // namespace gpud::tools
