// SPDX-License-Identifier: Apache-2.0
#include "scenario/yaml_tree.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "platform/text.h"

namespace gpud::scenario {
namespace {

constexpr int kMostValues = 500'000;
constexpr int kDeepest = 32;

std::string At(int line, const std::string& what) { return std::to_string(line) + ": " + what; }

Result<Yaml> Convert(const YAML::Node& node, int depth, int& left) {
  Yaml value{.line = node.Mark().line + 1};
  if (--left < 0 || depth > kDeepest) {
    return Fail(ErrorCode::kParse, At(value.line, "the document is too large"));
  }
  if (node.IsScalar()) {
    value.type = Yaml::Type::kScalar;
    value.text = node.Scalar();
    value.quoted = node.Tag() == "!";
  } else if (node.IsSequence()) {
    value.type = Yaml::Type::kList;
    for (const auto& item : node) {
      Result<Yaml> made = Convert(item, depth + 1, left);
      if (!made) return made;
      value.items.push_back(std::move(*made));
    }
  } else if (node.IsMap()) {
    value.type = Yaml::Type::kMap;
    for (const auto& item : node) {
      const std::string key = item.first.IsScalar() ? item.first.Scalar() : "?";
      if (std::ranges::find(value.members, key, &YamlMember::key) != value.members.end()) {
        return Fail(ErrorCode::kParse,
                    At(item.first.Mark().line + 1, "key '" + key + "' is given twice"));
      }
      Result<Yaml> made = Convert(item.second, depth + 1, left);
      if (!made) return made;
      value.members.push_back({.key = key, .value = std::move(*made)});
    }
  }
  return value;
}

}  // namespace

std::optional<double> Yaml::Number() const {
  if (type != Type::kScalar || quoted) return std::nullopt;
  return ParseNumber<double>(text.starts_with('+') ? text.substr(1) : text);
}

std::optional<std::int64_t> Yaml::Integer() const {
  if (type != Type::kScalar || quoted) return std::nullopt;
  return ParseNumber<std::int64_t>(text);
}

std::optional<bool> Yaml::Truth() const {
  if (type != Type::kScalar || quoted) return std::nullopt;
  const std::string word = ToLower(text);
  if (word == "true" || word == "on" || word == "yes") return true;
  if (word == "false" || word == "off" || word == "no") return false;
  return std::nullopt;
}

bool Yaml::IsText() const { return type == Type::kScalar && !Number() && !Truth(); }

Result<Yaml> ParseYaml(const std::string& text) {
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.size() > 1) {
      return Fail(ErrorCode::kParse,
                  At(documents[1].Mark().line + 1, "a second document; a file has one scenario"));
    }
    int left = kMostValues;
    if (documents.empty()) return Yaml{.line = 1};
    return Convert(documents[0], 0, left);
  } catch (const YAML::Exception& problem) {
    return Fail(ErrorCode::kParse, At(problem.mark.line + 1, "not valid YAML: " + problem.msg));
  }
}

}  // namespace gpud::scenario
