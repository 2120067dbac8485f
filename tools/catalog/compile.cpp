// SPDX-License-Identifier: Apache-2.0
#include "tools/catalog/compile.h"

#include "tools/catalog/columns.h"
#include "tools/catalog/contradictions.h"

namespace gpud::tools {
namespace {

constexpr std::size_t kCharactersALine = 90;

void CheckHeader(const CsvTable& table, std::span<const Column> columns, Problems& problems) {
  const std::string place = table.file + ":1: ";
  if (table.header.size() != columns.size()) {
    problems.push_back(place + std::to_string(table.header.size()) + " columns; expected " +
                       std::to_string(columns.size()));
    return;
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (table.header[i] == columns[i].name) continue;
    problems.push_back(place + "column " + std::to_string(i + 1) + " is \"" + table.header[i] +
                       "\"; expected \"" + std::string(columns[i].name) + '"');
  }
}

/// The rows as C++ initialisers; what does not fit goes to `problems`.
std::string Rows(const CsvTable& table, std::span<const Column> columns, TextPool& pool,
                 Problems& problems) {
  std::string out;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    out += "    {";
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const std::string& field = table.rows[i][c];
      if (const auto initialiser = Initialiser(columns[c], field, pool)) {
        out += *initialiser;
      } else {
        problems.push_back(table.Place(i) + std::string(columns[c].name) + ": \"" + field +
                           "\" is not " + Expected(columns[c].kind));
      }
    }
    out += "},\n";
  }
  return out;
}

/// As string literals of several lines. What could be read otherwise within one is told in octal.
std::string Literals(std::string_view bytes) {
  std::string out = "    \"";
  std::size_t width = 0;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < ' ' || byte > '~' || c == '"' || c == '\\' || c == '?') {
      const char octal[] = {'\\', static_cast<char>('0' + (byte >> 6)),
                            static_cast<char>('0' + (byte >> 3 & 7)),
                            static_cast<char>('0' + (byte & 7))};
      out.append(octal, sizeof octal);
    } else {
      out += c;
    }
    if (++width % kCharactersALine == 0) out += "\"\n    \"";
  }
  return out + '"';
}

std::string Table(std::string_view type, std::string_view name, const std::string& rows) {
  const std::string row_type(type);
  const std::string table(name);
  return "constexpr " + row_type + " k" + row_type + "s[] = {\n" + rows +
         "};\nconstinit const std::span<const " + row_type + "> " + table + " = k" + row_type +
         "s;\n\n";
}

}  // namespace

std::string CompileCatalog(const CatalogSources& sources, Problems& problems) {
  const CsvTable xids = ParseCsv("xid.csv", sources.xid, problems);
  const CsvTable nvlink5 = ParseCsv("xid_nvlink5.csv", sources.nvlink5, problems);
  const CsvTable sxids = ParseCsv("sxid.csv", sources.sxid, problems);
  CheckHeader(xids, kXidColumns, problems);
  CheckHeader(nvlink5, kNvlink5Columns, problems);
  CheckHeader(sxids, kSxidColumns, problems);
  if (!problems.empty()) return {};

  TextPool pool;
  const std::string xid_rows = Rows(xids, kXidColumns, pool, problems);
  const std::string nvlink5_rows = Rows(nvlink5, kNvlink5Columns, pool, problems);
  const std::string sxid_rows = Rows(sxids, kSxidColumns, pool, problems);
  if (!problems.empty()) return {};
  CheckXids(xids, problems);
  CheckSxids(sxids, problems);
  CheckNvlink5(nvlink5, xids, problems);
  if (!problems.empty()) return {};

  return "// Made by tools/catalog from data/*.csv.\n"
         "#include \"catalog/tables.h\"\n\n"
         "// ISO C++ promises no literal above 64 KB; the compilers that we use take any.\n"
         "#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n\n"
         "namespace gpud::catalog {\n\n"
         "constexpr char kTextPool[] =\n" +
         Literals(pool.bytes()) + ";\n\n" + Table("XidRow", "kXidTable", xid_rows) +
         Table("Nvlink5Row", "kNvlink5Table", nvlink5_rows) +
         Table("SxidRow", "kSxidTable", sxid_rows) + "}  // namespace gpud::catalog\n";
}

}  // namespace gpud::tools
