// SPDX-License-Identifier: Apache-2.0
#include "scenario/map_reader.h"

#include <algorithm>

#include "platform/text.h"

namespace gpud::scenario {
namespace {

std::string Shown(const Yaml& value) {
  switch (value.type) {
    case Yaml::Type::kNull:
      return "nothing";
    case Yaml::Type::kScalar:
      return "'" + value.text + "'";
    case Yaml::Type::kList:
      return "a list";
    case Yaml::Type::kMap:
      return "a map";
  }
  return "";
}

}  // namespace

std::string Mistakes::Text() const {
  auto sorted = rows_;
  std::ranges::stable_sort(sorted, {}, &std::pair<int, std::string>::first);
  std::string text;
  for (const auto& [line, what] : sorted) {
    text += (text.empty() ? "" : "\n") + file_ + ":" + std::to_string(line) + ": " + what;
  }
  return text;
}

std::string Join(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) text += (text.empty() ? "" : ", ") + std::string(word);
  return text;
}

std::optional<double> ReadNumber(const Yaml& value, Range range, const std::string& where,
                                 Mistakes& mistakes) {
  const auto number = value.Number();
  if (!number) {
    mistakes.Add(value.line, where, "must be a number, is " + Shown(value));
  } else if (*number < range.low || *number > range.high) {
    mistakes.Add(value.line, where,
                 value.text + " is not within " + NumberText(range.low) + " to " +
                     (range.high > 1e300 ? "any" : NumberText(range.high)));
    return std::nullopt;
  }
  return number;
}

MapReader::MapReader(const Yaml& map, std::string where, Mistakes& mistakes)
    : map_(map), where_(std::move(where)), mistakes_(mistakes) {
  if (map.type != Yaml::Type::kMap) {
    mistakes.Add(map.line, where_, "must be a map (lines \"key: value\"), is " + Shown(map));
  }
}

const Yaml* MapReader::Find(std::string_view key) {
  asked_.emplace_back(key);
  const auto found = std::ranges::find(map_.members, key, &YamlMember::key);
  return found == map_.members.end() ? nullptr : &found->value;
}

std::string MapReader::PathOf(std::string_view key) const {
  return where_ + (where_.empty() ? "" : ".") + std::string(key);
}

const Yaml* MapReader::Need(std::string_view key) {
  const Yaml* value = Find(key);
  if (!value && map_.type == Yaml::Type::kMap) {
    mistakes_.Add(map_.line, where_, "key '" + std::string(key) + "' is missing");
  }
  return value;
}

void MapReader::Wrong(const Yaml& value, std::string_view key, const std::string& what) {
  mistakes_.Add(value.line, PathOf(key), what);
}

void MapReader::Number(std::string_view key, std::optional<double>& into, Range range) {
  const Yaml* value = Find(key);
  if (!value) return;
  const auto number = ReadNumber(*value, range, PathOf(key), mistakes_);
  if (number) into = number;
}

void MapReader::Number(std::string_view key, double& into, Range range) {
  std::optional<double> number;
  Number(key, number, range);
  if (number) into = *number;
}

void MapReader::Integer(std::string_view key, std::int64_t& into, Range range) {
  const Yaml* value = Find(key);
  if (!value) return;
  const auto number = value->Integer();
  if (!number) {
    Wrong(*value, key, "must be a whole number, is " + Shown(*value));
  } else if (ReadNumber(*value, range, PathOf(key), mistakes_)) {
    into = *number;
  }
}

void MapReader::Integer(std::string_view key, int& into, Range range) {
  std::int64_t wide = into;
  range.low = std::max<double>(range.low, std::numeric_limits<int>::min());
  range.high = std::min<double>(range.high, std::numeric_limits<int>::max());
  Integer(key, wide, range);
  into = static_cast<int>(wide);
}

void MapReader::Truth(std::string_view key, bool& into) {
  const Yaml* value = Find(key);
  if (!value) return;
  if (const auto truth = value->Truth()) {
    into = *truth;
  } else {
    Wrong(*value, key, "must be true or false, is " + Shown(*value));
  }
}

void MapReader::Text(std::string_view key, std::string& into) {
  const Yaml* value = Find(key);
  if (!value) return;
  if (value->IsText()) {
    into = value->text;
  } else {
    Wrong(*value, key, "must be a text, is " + Shown(*value) + " (write it in quotes)");
  }
}

void MapReader::Word(std::string_view key, std::string& into,
                     std::span<const std::string_view> words) {
  const Yaml* value = Find(key);
  if (!value) return;
  if (value->type == Yaml::Type::kScalar && std::ranges::find(words, value->text) != words.end()) {
    into = value->text;
  } else {
    Wrong(*value, key, Shown(*value) + " is not one of " + Join(words));
  }
}

void MapReader::TextOrTexts(std::string_view key, std::vector<std::string>& into) {
  const Yaml* value = Find(key);
  if (!value) return;
  const std::span<const Yaml> items =
      value->type == Yaml::Type::kList ? std::span(value->items) : std::span(value, 1);
  into.clear();
  for (const Yaml& item : items) {
    if (item.IsText()) {
      into.push_back(item.text);
    } else {
      Wrong(item, key, "must be a text or a list of texts, is " + Shown(item));
    }
  }
}

void MapReader::Texts(std::string_view key, std::vector<std::string>& into) {
  const Yaml* value = Find(key);
  if (value && value->type != Yaml::Type::kList) {
    Wrong(*value, key, "must be a list of texts, is " + Shown(*value));
  } else {
    TextOrTexts(key, into);
  }
}

std::span<const Yaml> MapReader::List(std::string_view key) {
  const Yaml* value = Find(key);
  if (!value || value->type == Yaml::Type::kNull) return {};
  if (value->type != Yaml::Type::kList) {
    Wrong(*value, key, "must be a list, is " + Shown(*value));
    return {};
  }
  return value->items;
}

void MapReader::Finish() {
  for (const auto& [key, value] : map_.members) {
    if (std::ranges::find(asked_, key) == asked_.end()) {
      mistakes_.Add(value.line, where_, "unknown key '" + key + "'");
    }
  }
}

}  // namespace gpud::scenario
