// SPDX-License-Identifier: Apache-2.0
#include "cli/yaml_file.h"

#include "platform/yaml.h"

namespace gpud::cli {

Result<std::vector<YamlEntry>> ParseYaml(std::string_view text) {
  auto document = ParseYamlTree(text);
  if (!document) return tl::unexpected<Error>(std::move(document).error());
  std::vector<YamlEntry> entries;
  if (document->kind == YamlNode::Kind::kNull) return entries;
  if (document->kind != YamlNode::Kind::kMap) {
    return Fail(ErrorCode::kParse, "1: not a list of settings (lines \"key: value\")");
  }
  for (YamlMember& member : document->members) {
    entries.push_back({.key = std::move(member.key),
                       .line = member.line,
                       .scalar = member.value.kind == YamlNode::Kind::kScalar,
                       .quoted = member.value.quoted,
                       .text = member.value.text,
                       .value = JsonOfYaml(member.value)});
  }
  return entries;
}

}  // namespace gpud::cli
