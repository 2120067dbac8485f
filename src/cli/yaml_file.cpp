// SPDX-License-Identifier: Apache-2.0
#include "cli/yaml_file.h"

#include <yaml-cpp/yaml.h>

#include "platform/text.h"

namespace gpud::cli {
namespace {

constexpr int kDeepest = 32;  // aliases can nest a document without end

Json ScalarJson(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return {text};  // quoted
  if (text == "true" || text == "false") return {text == "true"};
  if (const auto number = ParseNumber<std::int64_t>(text)) return {*number};
  if (const auto number = ParseNumber<double>(text)) return {*number};
  return {text};
}

Json ToJson(const YAML::Node& node, int depth) {
  if (depth > kDeepest) return {};
  if (node.IsScalar()) return ScalarJson(node);
  if (node.IsSequence()) {
    Json::Array array;
    for (const auto& item : node) array.push_back(ToJson(item, depth + 1));
    return {std::move(array)};
  }
  if (node.IsMap()) {
    Json::Object object;
    for (const auto& item : node) {
      object.emplace_back(item.first.Scalar(), ToJson(item.second, depth + 1));
    }
    return {std::move(object)};
  }
  return {};
}

}  // namespace

Result<std::vector<YamlEntry>> ParseYaml(std::string_view text) {
  std::vector<YamlEntry> entries;
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
    if (documents.size() > 1) {
      return Fail(ErrorCode::kParse, std::to_string(documents[1].Mark().line + 1) +
                                         ": a second document; put all keys into one");
    }
    if (documents.empty() || documents[0].IsNull()) return entries;
    if (!documents[0].IsMap()) {
      return Fail(ErrorCode::kParse, "1: not a list of settings (lines \"key: value\")");
    }
    for (const auto& item : documents[0]) {
      YamlEntry& entry = entries.emplace_back();
      entry.key = item.first.IsScalar() ? item.first.Scalar() : "?";
      entry.line = item.first.Mark().line + 1;
      entry.scalar = item.second.IsScalar();
      entry.value = ToJson(item.second, 0);
      if (entry.scalar) {
        entry.text = item.second.Scalar();
        entry.quoted = item.second.Tag() == "!";
      }
    }
  } catch (const YAML::Exception& problem) {
    return Fail(ErrorCode::kParse,
                std::to_string(problem.mark.line + 1) + ": not valid YAML: " + problem.msg);
  }
  return entries;
}

}  // namespace gpud::cli
