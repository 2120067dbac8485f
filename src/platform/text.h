// SPDX-License-Identifier: Apache-2.0
// Text: cutting lines and fields, and numbers that say when they are none.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpud {

std::string_view Trim(std::string_view text);
std::string ToLower(std::string_view text);

/// The fields between single `separator`s; an empty text has one empty field.
std::vector<std::string_view> Split(std::string_view text, char separator);
/// The fields between runs of blanks and tabs; none are empty.
std::vector<std::string_view> SplitBlanks(std::string_view text);

/// Takes the first line off `rest` (without its newline); false when nothing is left.
bool NextLine(std::string_view& rest, std::string_view& line);

/// The whole text as a finite number, else nothing.
template <class T>
std::optional<T> ParseNumber(std::string_view text, int base = 10) {
  T value{};
  std::from_chars_result result{};
  if constexpr (std::is_floating_point_v<T>) {
    result = std::from_chars(text.data(), text.data() + text.size(), value);
  } else {
    result = std::from_chars(text.data(), text.data() + text.size(), value, base);
  }
  if (text.empty() || result.ec != std::errc() || result.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  if constexpr (std::is_floating_point_v<T>) {
    if (!std::isfinite(value)) return std::nullopt;  // "nan" and "inf" are no readings
  }
  return value;
}

/// The shortest text that reads back as the same double; exponents only below 1e-6 or from 1e21 up
/// (the wire's rule). NaN and infinities give "0" in release and are a bug of the caller.
std::string NumberText(double value);

/// Bytes for a person: "24.0 GiB".
std::string BytesText(std::uint64_t bytes);

/// `text` with every byte sequence that is not UTF-8 replaced by U+FFFD.
std::string ValidUtf8(std::string_view text);

/// FNV-1a, 64 bit: a stable hash for identities that are stored.
std::uint64_t StableHash(std::string_view text);

}  // namespace gpud
