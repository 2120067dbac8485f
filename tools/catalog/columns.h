// SPDX-License-Identifier: Apache-2.0
// Columns: what stands in each column of data/*.csv, and the member of the row in src/catalog that
// it becomes. The words that a column allows are those of the program's own enumerations.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gpud::tools {

enum class Kind : unsigned char {
  kNumber,
  kOptionalNumber,
  kHex,  ///< 0x and eight digits
  kOptionalHex,
  kText,
  kOptionalText,
  kFlag,          ///< y or n
  kOptionalFlag,  ///< or nothing, which is n
  kSeverity,
  kAction,
  kOptionalAction,
  kCategory,
  kSxidClass,
  kConfidence,
  kPattern,      ///< 32 of 0, 1 and -; only checked
  kStatus,       ///< one hex number, two with a slash, or nothing
  kStatusMatch,  ///< exact or any
  kLeftOut,      ///< not shipped
};

struct Column {
  std::string_view name;
  std::string_view member;  ///< of the row; empty when the kind has none
  Kind kind;
};

extern const std::span<const Column> kXidColumns;
extern const std::span<const Column> kNvlink5Columns;
extern const std::span<const Column> kSxidColumns;

/// The texts of all tables, each once.
class TextPool {
 public:
  /// "{OFFSET, SIZE}"; nothing when the text is too long or the pool is full (catalog/text.h).
  std::optional<std::string> Add(std::string_view text);
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  std::map<std::string, std::size_t, std::less<>> offsets_;
};

/// The initialisers of a field, ".severity = EventType{4}, "; empty for what is only checked;
/// nothing when the field does not fit the column.
std::optional<std::string> Initialiser(const Column& column, std::string_view field,
                                       TextPool& pool);
/// What fits the column, for messages: "one of info, warning, critical, fatal".
std::string Expected(Kind kind);

/// 0x and exactly eight digits.
std::optional<std::uint32_t> ParseHex(std::string_view text);

}  // namespace gpud::tools
