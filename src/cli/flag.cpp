// SPDX-License-Identifier: Apache-2.0
#include "cli/flag.h"

#include <algorithm>
#include <vector>

#include "platform/log.h"
#include "platform/text.h"
#include "platform/time_text.h"

namespace gpud::cli {
namespace {

tl::unexpected<Error> Wrong(std::string_view text, std::string_view wanted) {
  return Fail(ErrorCode::kParse, '"' + std::string(text) + "\" is not " + std::string(wanted));
}

Result<Json> ParseSwitch(std::string_view text) {
  static constexpr std::string_view kOn[] = {"1", "t", "T", "true", "TRUE", "True"};
  static constexpr std::string_view kOff[] = {"0", "f", "F", "false", "FALSE", "False"};
  if (std::find(std::begin(kOn), std::end(kOn), text) != std::end(kOn)) return Json{true};
  if (std::find(std::begin(kOff), std::end(kOff), text) != std::end(kOff)) return Json{false};
  return Wrong(text, KindWords(Kind::kSwitch));
}

Result<Json> ParseInteger(std::string_view text) {
  std::string_view digits = text;
  const bool negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  const bool hexadecimal = digits.starts_with("0x") || digits.starts_with("0X");
  if (hexadecimal) digits.remove_prefix(2);
  if (digits.starts_with('-')) return Wrong(text, KindWords(Kind::kInteger));
  const auto number = ParseNumber<std::int64_t>(digits, hexadecimal ? 16 : 10);
  if (!number) return Wrong(text, KindWords(Kind::kInteger));
  return Json{negative ? -*number : *number};
}

std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({change, above + 1, row[j - 1] + 1});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view KindWords(Kind kind) {
  switch (kind) {
    case Kind::kSwitch:
      return "true or false";
    case Kind::kText:
      return "a text";
    case Kind::kInteger:
      return "a whole number";
    case Kind::kDuration:
      return "a duration (such as 30s, 5m, 1h30m)";
    case Kind::kLevel:
      return "a log level";
    case Kind::kList:
      return "a list";
    case Kind::kJson:
      return "a JSON document";
  }
  return "";
}

Result<Json> ParseValue(const Flag& flag, std::string_view text) {
  if (text == "\"\"") text = {};
  if (!flag.choices.empty() && flag.kind == Kind::kText) {
    const auto words = Split(flag.choices, ',');
    if (std::find(words.begin(), words.end(), ToLower(Trim(text))) == words.end()) {
      return Wrong(text, "one of " + std::string(flag.choices));
    }
    return Json{ToLower(Trim(text))};
  }
  switch (flag.kind) {
    case Kind::kSwitch:
      return ParseSwitch(text);
    case Kind::kText:
      return Json{std::string(text)};
    case Kind::kInteger:
      return text.empty() ? Json{} : ParseInteger(text);
    case Kind::kDuration:
      if (text.empty()) return Json{};
      if (!ParseDuration(text)) return Wrong(text, KindWords(Kind::kDuration));
      return Json{std::string(text)};
    case Kind::kLevel:
      if (auto level = log::ParseLevel(text); !level) {
        return tl::unexpected<Error>(std::move(level).error());
      }
      return Json{std::string(text)};
    case Kind::kList: {
      Json::Array entries;
      if (text.empty()) return Json{std::move(entries)};
      for (const std::string_view entry : Split(text, ',')) {
        entries.push_back({std::string(entry)});
      }
      return Json{std::move(entries)};
    }
    case Kind::kJson: {
      if (text.empty()) return Json{};
      auto json = ParseJson(text);
      if (!json) return Wrong(text, KindWords(Kind::kJson));
      return json;
    }
  }
  return Json{};
}

std::string_view ClosestWord(std::string_view word, std::string_view known) {
  std::string_view best;
  std::size_t best_distance = 3;  // two slips at most
  for (const std::string_view candidate : Split(known, ',')) {
    const std::size_t distance = EditDistance(word, candidate);
    if (distance < best_distance && distance < candidate.size()) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace gpud::cli
