// SPDX-License-Identifier: Apache-2.0
#include "plugins/spec_reader.h"

#include <algorithm>

#include "platform/text.h"
#include "platform/time_text.h"

namespace gpud::plugins {
namespace {

using Kind = YamlNode::Kind;

/// "512MiB", "2G", "1000": powers of 1024, as those who write limits mean them.
std::optional<std::uint64_t> ParseBytes(std::string_view text) {
  static constexpr std::string_view kUnits = "KMGT";
  std::string_view digits = text;
  for (const std::string_view tail : {"iB", "B", "i"}) {
    if (digits.ends_with(tail)) {
      digits.remove_suffix(tail.size());
      break;
    }
  }
  std::uint64_t unit = 1;
  const std::size_t found = digits.empty() ? std::string_view::npos : kUnits.find(digits.back());
  if (found != std::string_view::npos) {
    unit = std::uint64_t{1} << (10 * (found + 1));
    digits.remove_suffix(1);
  }
  const auto number = ParseNumber<std::uint64_t>(Trim(digits));
  if (!number || *number > (std::uint64_t{1} << 60) / unit) return std::nullopt;
  return *number * unit;
}

}  // namespace

std::string Problems::Text(int line, std::string_view key, std::string_view what) const {
  std::string text = name_ + ':' + std::to_string(line) + ": ";
  if (!plugin_.empty()) text += "plugin \"" + plugin_ + "\": ";
  if (!key.empty()) text += std::string(key) + ": ";
  return text + std::string(what);
}

MapReader::MapReader(const YamlNode& node, std::string path, Problems& problems)
    : empty_{.kind = Kind::kMap, .line = node.line},
      node_(node.kind == Kind::kMap ? node : empty_),
      path_(std::move(path)),
      problems_(problems) {
  if (node.kind != Kind::kMap) problems_.Error(node.line, path_, "a map of keys is needed here");
}

std::string MapReader::PathOf(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + '.' + std::string(key);
}

int MapReader::LineOf(std::string_view key) const {
  int line = node_.line;
  for (const YamlMember& member : node_.members) {
    if (ToLower(member.key) == key) line = member.line;
  }
  return line;
}

const YamlNode* MapReader::Take(std::string_view key) {
  known_.emplace(key);
  const YamlNode* found = nullptr;
  for (const YamlMember& member : node_.members) {
    if (ToLower(member.key) == key) found = &member.value;
  }
  return found && found->kind != Kind::kNull ? found : nullptr;
}

void MapReader::Text(std::string_view key, std::string& out) {
  const YamlNode* node = Take(key);
  if (!node) return;
  if (node->kind != Kind::kScalar) {
    return problems_.Error(node->line, PathOf(key), "a text is needed here");
  }
  out = node->text;
}

void MapReader::Texts(std::string_view key, std::vector<std::string>& out) {
  const YamlNode* node = Take(key);
  if (!node) return;
  if (node->kind != Kind::kList) {
    return problems_.Error(node->line, PathOf(key), "a list of texts is needed here");
  }
  for (const YamlNode& item : node->items) {
    if (item.kind != Kind::kScalar) {
      problems_.Error(item.line, PathOf(key), "a text is needed here");
    } else {
      out.push_back(item.text);
    }
  }
}

void MapReader::TextMap(std::string_view key, std::map<std::string, std::string>& out) {
  const YamlNode* node = Take(key);
  if (!node) return;
  if (node->kind != Kind::kMap) {
    return problems_.Error(node->line, PathOf(key), "a map of texts is needed here");
  }
  for (const YamlMember& member : node->members) {
    if (member.value.kind == Kind::kScalar || member.value.kind == Kind::kNull) {
      out[member.key] = member.value.text;
    } else {
      problems_.Error(member.line, PathOf(key) + '.' + member.key, "a text is needed here");
    }
  }
}

void MapReader::Time(std::string_view key, Duration& out) {
  const YamlNode* node = Take(key);
  if (!node) return;
  if (node->kind != Kind::kScalar) {
    return problems_.Error(node->line, PathOf(key), "a duration such as \"30s\" is needed here");
  }
  if (!node->quoted && ParseNumber<double>(node->text)) {
    return problems_.Error(node->line, PathOf(key),
                           "a number without a unit is no duration; write \"" + node->text + "s\"");
  }
  const auto duration = ParseDuration(node->text);
  if (!duration) {
    return problems_.Error(node->line, PathOf(key),
                           "\"" + node->text + "\" is not a duration (such as 30s, 5m, 1h30m)");
  }
  if (duration->count() < 0) {
    return problems_.Error(node->line, PathOf(key), "a duration cannot be negative");
  }
  out.value = *duration;
}

void MapReader::Bytes(std::string_view key, std::uint64_t& out) {
  const YamlNode* node = Take(key);
  if (!node) return;
  const auto bytes = node->kind == Kind::kScalar ? ParseBytes(node->text) : std::nullopt;
  if (!bytes || *bytes == 0) {
    return problems_.Error(node->line, PathOf(key), "a size such as 512MiB is needed here");
  }
  out = *bytes;
}

void MapReader::Number(std::string_view key, double least, double most, double& out) {
  const YamlNode* node = Take(key);
  if (!node) return;
  const auto number = node->kind == Kind::kScalar ? ParseNumber<double>(node->text) : std::nullopt;
  if (!number || *number < least || *number > most) {
    return problems_.Error(
        node->line, PathOf(key),
        "a number from " + NumberText(least) + " to " + NumberText(most) + " is needed here");
  }
  out = *number;
}

void MapReader::Switch(std::string_view key, bool& out) {
  const YamlNode* node = Take(key);
  if (!node) return;
  if (node->kind != Kind::kScalar || (node->text != "true" && node->text != "false")) {
    return problems_.Error(node->line, PathOf(key), "true or false is needed here");
  }
  out = node->text == "true";
}

void MapReader::Finish() {
  for (const YamlMember& member : node_.members) {
    if (!known_.contains(ToLower(member.key))) {
      problems_.Warn(member.line, PathOf(member.key), "this key means nothing to gpud");
    }
  }
}

}  // namespace gpud::plugins
