// SPDX-License-Identifier: Apache-2.0
#include "platform/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <sstream>

#include "platform/text.h"

namespace gpud {
namespace {

// Aliases ("*name") can nest a document without end, and nine lines of them make a billion values.
constexpr int kDeepest = 32;
constexpr int kMostValues = 100'000;

/// `left`: how many values may still be made; below zero what comes out is not whole.
YamlNode Convert(const YAML::Node& from, int depth, int& left) {
  YamlNode node;
  node.line = from.Mark().line + 1;
  if (--left < 0 || depth > kDeepest) return node;
  if (from.IsScalar()) {
    node.kind = YamlNode::Kind::kScalar;
    node.text = from.Scalar();
    node.quoted = from.Tag() == "!";
  } else if (from.IsSequence()) {
    node.kind = YamlNode::Kind::kList;
    for (const auto& item : from) {
      if (left < 0) break;
      node.items.push_back(Convert(item, depth + 1, left));
    }
  } else if (from.IsMap()) {
    node.kind = YamlNode::Kind::kMap;
    for (const auto& item : from) {
      if (left < 0) break;
      node.members.push_back({item.first.IsScalar() ? item.first.Scalar() : "?",
                              item.first.Mark().line + 1, Convert(item.second, depth + 1, left)});
    }
  }
  return node;
}

/// Notes where documents start.
class DocumentStarts final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override { line = mark.line + 1; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

  int line = 0;
};

/// The line of a second document; 0 when there is none. yaml-cpp's own LoadAll must not be asked:
/// some texts give it empty documents without end.
int SecondDocument(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  DocumentStarts starts;
  return parser.HandleNextDocument(starts) && parser.HandleNextDocument(starts) ? starts.line : 0;
}

}  // namespace

Result<YamlNode> ParseYamlTree(std::string_view text) {
  try {
    const std::string copy(text);
    if (const int line = SecondDocument(copy); line > 0) {
      return Fail(ErrorCode::kParse,
                  std::to_string(line) + ": a second document; put all keys into one");
    }
    int left = kMostValues;
    YamlNode root = Convert(YAML::Load(copy), 0, left);
    if (left < 0) {
      // The last key that was read is the one whose value went too far.
      const int line = root.members.empty() ? root.line : root.members.back().line;
      return Fail(ErrorCode::kParse, std::to_string(line) + ": more than " +
                                         std::to_string(kMostValues) +
                                         " values; use fewer aliases (*name)");
    }
    return root;
  } catch (const YAML::Exception& problem) {
    return Fail(ErrorCode::kParse,
                std::to_string(problem.mark.line + 1) + ": not valid YAML: " + problem.msg);
  }
}

Json JsonOfYaml(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return {};
    case YamlNode::Kind::kScalar:
      if (node.quoted) return {node.text};
      if (node.text == "true" || node.text == "false") return {node.text == "true"};
      if (const auto number = ParseNumber<std::int64_t>(node.text)) return {*number};
      if (const auto number = ParseNumber<double>(node.text)) return {*number};
      return {node.text};
    case YamlNode::Kind::kList: {
      Json::Array array;
      for (const YamlNode& item : node.items) array.push_back(JsonOfYaml(item));
      return {std::move(array)};
    }
    case YamlNode::Kind::kMap: {
      Json::Object object;
      for (const YamlMember& member : node.members) {
        object.emplace_back(member.key, JsonOfYaml(member.value));
      }
      return {std::move(object)};
    }
  }
  return {};
}

}  // namespace gpud
