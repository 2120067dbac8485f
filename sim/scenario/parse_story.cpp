// SPDX-License-Identifier: Apache-2.0
// `kmsg`, `facts` and `expect` of a scenario file.
#include <algorithm>
#include <cctype>
#include <functional>

#include "platform/text.h"
#include "scenario/default_processes.h"
#include "scenario/parse.h"
#include "scenario/verdict_names.h"

namespace gpud::scenario {
namespace {

constexpr std::string_view kFlags[] = {"-", "c"};
constexpr std::string_view kAs[] = {"root", "effect", "any"};
constexpr std::string_view kSeverities[] = {"info", "warning", "critical", "fatal"};

bool AllDigits(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0; });
}

// "+pci:0000:9b:00.0", "b8:0" or "n3", as the kernel writes DEVICE=.
bool IsKernelDevice(std::string_view text) {
  if (text.empty()) return false;
  const std::string_view rest = text.substr(1);
  const std::size_t colon = rest.find(':');
  switch (text[0]) {
    case '+':
      return colon != std::string_view::npos && colon > 0 && colon + 1 < rest.size() &&
             rest.find(' ') == std::string_view::npos;
    case 'b':
      return colon != std::string_view::npos && AllDigits(rest.substr(0, colon)) &&
             AllDigits(rest.substr(colon + 1));
    case 'n':
      return AllDigits(rest);
    default:
      return false;
  }
}

// A whole number or a list of them, each of which some node concerned must know.
template <class T>
void ReadNumbers(MapReader& map, std::string_view key, std::vector<T>& into,
                 const std::function<bool(std::int64_t)>& exists) {
  const Yaml* value = map.Find(key);
  if (!value) return;
  const auto items =
      value->type == Yaml::Type::kList ? std::span(value->items) : std::span(value, 1);
  for (const Yaml& item : items) {
    const auto number = item.Integer();
    if (number && exists(*number)) {
      into.push_back(static_cast<T>(*number));
    } else {
      map.Wrong(item, key, "'" + item.text + "' does not exist on the node");
    }
  }
}

}  // namespace

void CheckNodes(const std::vector<std::string>& patterns, int line, const std::string& where,
                const Scenario& scenario, Mistakes& mistakes) {
  for (const std::string& pattern : patterns) {
    const bool hit = std::ranges::any_of(scenario.nodes, [&](const NodeSpec& node) {
      const auto names = node.Names();
      return std::ranges::any_of(names, [&](const auto& n) { return GlobMatches(pattern, n); });
    });
    if (!hit) mistakes.Add(line, where, "no node matches '" + pattern + "'");
  }
}

KernelLine ReadKernelLine(const Yaml& value, const std::string& where, const Scenario& scenario,
                          Mistakes& mistakes) {
  KernelLine line;
  MapReader map(value, where, mistakes);
  map.Need("t");
  map.Number("t", line.t, {.low = 0, .high = scenario.duration_s});
  if (const Yaml* text = map.Need("text")) {
    line.text = text->text;
    if (text->type != Yaml::Type::kScalar || line.text.empty() ||
        line.text.find('\n') != std::string::npos) {
      map.Wrong(*text, "text", "must be one line (escape a line break as \\x0a)");
    }
  }
  map.Text("node", line.node);
  const bool several = scenario.nodes.size() > 1 || scenario.nodes[0].count > 1;
  if (line.node.empty() && several) {
    mistakes.Add(value.line, where, "node is needed when there are several");
  }
  if (!line.node.empty()) CheckNodes({line.node}, value.line, where, scenario, mistakes);
  map.Integer("level", line.level, {.low = 0, .high = 7});
  map.Integer("facility", line.facility, {.low = 0, .high = 23});
  map.Word("flags", line.flags, kFlags);
  if (const Yaml* device = map.Find("dev")) {
    line.device = device->text;
    if (!IsKernelDevice(line.device)) {
      map.Wrong(*device, "dev", "must look like +pci:0000:9b:00.0, b8:0 or n3");
    }
  }
  if (const Yaml* repeat = map.Find("repeat")) {
    MapReader of(*repeat, where + ".repeat", mistakes);
    line.repeats = true;
    of.Need("count");
    of.Integer("count", line.count, {.low = 1, .high = 100000});
    of.Need("every_s");
    of.Number("every_s", line.every_s, kNotNegative);
    of.Finish();
  }
  map.Finish();
  return line;
}

FactChange ReadFactChange(const Yaml& value, const std::string& where, const Scenario& scenario,
                          Mistakes& mistakes) {
  FactChange change;
  MapReader map(value, where, mistakes);
  map.Need("t");
  map.Number("t", change.t, {.low = 0, .high = scenario.duration_s});
  map.TextOrTexts("node", change.nodes);
  CheckNodes(change.nodes, value.line, where, scenario, mistakes);
  if (const Yaml* set = map.Need("set")) {
    change.set = ReadFacts(*set, where + ".set", mistakes);
    if (change.set.empty()) map.Wrong(*set, "set", "must have at least one fact");
  }
  map.Finish();
  return change;
}

Expectation ReadExpectation(const Yaml& value, const std::string& where, const Scenario& scenario,
                            Mistakes& mistakes) {
  Expectation expect{.by_s = scenario.duration_s};
  MapReader map(value, where, mistakes);
  map.Need("id");
  map.Word("id", expect.id, VerdictNames());
  map.Word("as", expect.as, kAs);
  map.TextOrTexts("node", expect.nodes);
  CheckNodes(expect.nodes, value.line, where, scenario, mistakes);
  const auto on_every_node = [&](auto&& has) {
    return std::ranges::all_of(scenario.nodes, [&](const NodeSpec& node) {
      const auto names = node.Names();
      const bool concerned = expect.nodes.empty() || std::ranges::any_of(names, [&](const auto& n) {
                               return AnyGlobMatches(expect.nodes, n);
                             });
      return !concerned || has(node);
    });
  };
  ReadNumbers(map, "gpu", expect.gpus, [&](std::int64_t gpu) {
    return on_every_node([&](const NodeSpec& node) { return gpu >= 0 && gpu < node.profile.gpus; });
  });
  ReadNumbers(map, "pid", expect.pids, [&](std::int64_t pid) {
    return std::ranges::any_of(scenario.nodes, [&](const NodeSpec& node) {
      return HasLabelValue(node, Label::kPid, std::to_string(pid));
    });
  });
  map.Text("device", expect.device);
  const Range within{.low = 0, .high = scenario.duration_s};
  map.Number("after_s", expect.after_s, within);
  map.Number("by_s", expect.by_s, within);
  map.Number("cleared_by_s", expect.cleared_by_s, within);
  if (expect.after_s >= expect.by_s) {
    mistakes.Add(value.line, where, "after_s must be less than by_s");
  }
  map.TextOrTexts("severity", expect.severities);
  for (const std::string& severity : expect.severities) {
    if (std::ranges::find(kSeverities, severity) == std::end(kSeverities)) {
      mistakes.Add(value.line, where,
                   "severity '" + severity + "' is not one of " + Join(kSeverities));
    }
  }
  map.Word("action", expect.action, ActionNames());
  map.Texts("says", expect.says);
  map.Finish();
  return expect;
}

}  // namespace gpud::scenario
