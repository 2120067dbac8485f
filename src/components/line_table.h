// SPDX-License-Identifier: Apache-2.0
// Kernel lines as a table: most families of messages need no code, only their forms and verdicts.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string_view>

#include "components/line.h"
#include "components/line_pattern.h"

namespace gpud {

/// A form of line and what it means. Of the rules of a table the first that fits counts.
struct LineRule {
  std::string_view needle;  ///< plain text that each such line holds; rules may share one
  std::string_view form;    ///< see line_pattern.h; the field "device" names the faulty part
  std::string_view code;    ///< empty: a line that looks like a fault and is none
  EventType severity = EventType::kWarning;
  Advice action = Advice::kIgnore;
  Advice follow_up = Advice::kNone;
  std::string_view event = {};  ///< name of the wire's event; empty: the code
  bool clears = false;          ///< see LineFinding
  /// Looks closer at what was found (`line`: the whole text): may change all of it, or drop it by
  /// taking its code away.
  void (*refine)(const LineFields& fields, std::string_view line, LineFinding& finding) = nullptr;
};

/// What a table finds in a line; a finding without a code when nothing. The message is the line;
/// the fields but "device" are details; a line that names no device has the record's one.
LineFinding FindInTable(std::string_view family, std::span<const LineRule> rules,
                        const KernelLine& line);

/// A matcher that knows no more than a table. Both must live for ever.
std::unique_ptr<LineMatcher> TableMatcher(std::string_view family, std::span<const LineRule> rules);

/// The needles of a table, and `more` of the matcher's own, for ComponentType::needles.
template <std::size_t N, class... Needle>
constexpr std::array<std::string_view, N + sizeof...(Needle)> NeedlesOf(const LineRule (&rules)[N],
                                                                        Needle... more) {
  std::array<std::string_view, N + sizeof...(Needle)> needles{};
  for (std::size_t i = 0; i < N; ++i) needles[i] = rules[i].needle;
  std::size_t at = N;
  ((needles[at++] = more), ...);
  return needles;
}

}  // namespace gpud
