// SPDX-License-Identifier: Apache-2.0
// The daemon's own log: one JSON object a line. Libraries do not log; they return.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "platform/result.h"

namespace gpud::log {

enum class Level : unsigned char { kDebug, kInfo, kWarn, kError };

struct Options {
  Level level = Level::kInfo;
  std::string file;  ///< empty = stderr; else rotated at 128 MB, 5 old files, mode 0600
};

/// The words of `--log-level`, in lower or upper case; dpanic, panic and fatal count as error.
/// Error: kParse, `unrecognized level: "x"`.
Result<Level> ParseLevel(std::string_view word);

/// To be called once, before the first line. Error: the file cannot be opened.
Result<void> Start(const Options& options);

using Field = std::pair<std::string_view, std::string>;

void Write(Level level, std::string_view message, std::initializer_list<Field> fields = {});
inline void Debug(std::string_view m, std::initializer_list<Field> f = {}) {
  Write(Level::kDebug, m, f);
}
inline void Info(std::string_view m, std::initializer_list<Field> f = {}) {
  Write(Level::kInfo, m, f);
}
inline void Warn(std::string_view m, std::initializer_list<Field> f = {}) {
  Write(Level::kWarn, m, f);
}
inline void Err(std::string_view m, std::initializer_list<Field> f = {}) {
  Write(Level::kError, m, f);
}

}  // namespace gpud::log
