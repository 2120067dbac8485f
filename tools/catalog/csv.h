// SPDX-License-Identifier: Apache-2.0
// CSV as RFC 4180 has it, less line breaks within fields: a row is a line, so that a message can
// name the line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gpud::tools {

using Problems = std::vector<std::string>;

struct CsvTable {
  std::string file;  ///< for messages
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;

  /// "sxid.csv:12: " of a row, as an editor counts lines.
  std::string Place(std::size_t row) const;
  /// The field of a column that the table has.
  std::string_view At(std::size_t row, std::string_view column) const;
};

/// Reads what it can; malformed lines, and rows of another width than the header, go to `problems`
/// and are left out. `text` may end its lines with LF or CRLF.
CsvTable ParseCsv(std::string file, std::string_view text, Problems& problems);

}  // namespace gpud::tools
