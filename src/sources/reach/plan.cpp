// SPDX-License-Identifier: Apache-2.0
#include "platform/text.h"
#include "platform/yaml.h"
#include "sources/reach/reach.h"

namespace gpud::reach {
namespace {

constexpr std::size_t kMostTargets = 16, kMostNames = 4;
using Kind = YamlNode::Kind;

tl::unexpected<Error> Wrong(int line, const std::string& what) {
  return Fail(ErrorCode::kParse, "/etc/gpud/network.yaml:" + std::to_string(line) + ": " + what);
}

}  // namespace

Result<Plan> ParsePlan(std::string_view yaml) {
  const auto tree = ParseYamlTree(yaml);
  if (!tree) return Pass(tree, "/etc/gpud/network.yaml");
  Plan plan;
  if (tree->kind == Kind::kNull) return plan;
  if (tree->kind != Kind::kMap) return Wrong(tree->line, "it has to be a map");
  for (const auto& [key, line, value] : tree->members) {
    if (key == "targets" && value.kind == Kind::kMap) {
      for (const YamlMember& target : value.members) {
        if (plan.targets.size() == kMostTargets) return Wrong(target.line, "more than 16 targets");
        plan.targets.emplace_back(target.key, target.value.text);
      }
    } else if (key == "names" && value.kind == Kind::kList) {
      for (const YamlNode& name : value.items) {
        if (plan.names.size() == kMostNames) return Wrong(name.line, "more than 4 names");
        if (DnsQuery(name.text, 0).empty()) return Wrong(name.line, "no name: " + name.text);
        plan.names.push_back(name.text);
      }
    } else if (key == "gateway" && (value.text == "true" || value.text == "false")) {
      plan.gateway = value.text == "true";
    } else if (key == "slow_milliseconds" && ParseNumber<double>(value.text)) {
      plan.slow_milliseconds = *ParseNumber<double>(value.text);
    } else {
      return Wrong(line, "no such key, or not of this form: " + key);
    }
  }
  return plan;
}

}  // namespace gpud::reach
