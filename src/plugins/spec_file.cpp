// SPDX-License-Identifier: Apache-2.0
#include "plugins/spec_file.h"

#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "model/health.h"
#include "platform/text.h"
#include "plugins/json_path.h"
#include "plugins/spec_reader.h"

namespace gpud::plugins {
namespace {

using Kind = YamlNode::Kind;

constexpr std::size_t kLongestName = 128;
constexpr std::size_t kMostPlugins = 1'000;
constexpr auto kShortestInterval = std::chrono::minutes(1);

/// What a spec may say besides what it is when it has been expanded.
struct Template {
  Spec spec;
  std::vector<std::string> list;
  std::string list_file;
  bool paste_values = false;
  int list_line = 0;
};

void CheckRegex(const MatchRule& rule, int line, const std::string& key, Problems& problems) {
  if (!rule.regex) return;
  const RE2 pattern(*rule.regex, RE2::Quiet);
  if (!pattern.ok()) problems.Error(line, key, "not a regular expression: " + pattern.error());
}

MatchRule ReadRule(const YamlNode& node, const std::string& path, Problems& problems) {
  MatchRule rule;
  MapReader map(node, path, problems);
  if (map.Take("regex")) map.Text("regex", rule.regex.emplace());
  CheckRegex(rule, map.LineOf("regex"), map.PathOf("regex"), problems);
  map.Finish();
  return rule;
}

JsonPathRule ReadJsonPath(const YamlNode& node, const std::string& path, Problems& problems) {
  JsonPathRule rule;
  MapReader map(node, path, problems);
  map.Text("query", rule.query);
  map.Text("field", rule.field);
  if (const auto compiled = JsonPath::Compile(rule.query); !compiled) {
    problems.Error(map.LineOf("query"), map.PathOf("query"), compiled.error().what);
  }
  if (const YamlNode* expect = map.Take("expect")) {
    rule.expect = ReadRule(*expect, map.PathOf("expect"), problems);
  }
  if (const YamlNode* actions = map.Take("suggested_actions")) {
    const std::string actions_path = map.PathOf("suggested_actions");
    if (actions->kind != Kind::kMap) {
      problems.Error(actions->line, actions_path, "a map from actions to rules is needed here");
    }
    for (const YamlMember& member : actions->members) {
      const std::string action_path = actions_path + '.' + member.key;
      rule.suggested_actions[member.key] = member.value.kind == Kind::kNull
                                               ? MatchRule{}
                                               : ReadRule(member.value, action_path, problems);
      RepairAction known{};
      if (!ParseWord(member.key, known)) {
        problems.Warn(member.line, action_path,
                      "not an action that gpud's clients know; it is only shown as text");
      }
    }
  }
  map.Finish();
  return rule;
}

Parser ReadParser(const YamlNode& node, const std::string& path, Problems& problems) {
  Parser parser;
  MapReader map(node, path, problems);
  map.Text("log_path", parser.log_path);
  if (const YamlNode* list = map.Take("json_paths")) {
    const std::string list_path = map.PathOf("json_paths");
    if (list->kind != Kind::kList) problems.Error(list->line, list_path, "a list is needed here");
    for (std::size_t i = 0; i < list->items.size(); ++i) {
      parser.json_paths.push_back(
          ReadJsonPath(list->items[i], list_path + '[' + std::to_string(i) + ']', problems));
    }
  }
  map.Finish();
  return parser;
}

BashScript ReadScript(const YamlNode& node, const std::string& path, Problems& problems) {
  BashScript script;
  MapReader map(node, path, problems);
  map.Text("content_type", script.content_type);
  map.Text("script", script.script);
  map.Text("sha256", script.sha256);
  script.sha256 = ToLower(script.sha256);
  const int line = map.LineOf("script");
  const auto decoded = Decode(script);
  if (script.script.empty()) {
    problems.Error(line, map.PathOf("script"), "script is required");
  } else if (!decoded) {
    const bool type = decoded.error().code == ErrorCode::kUnsupported;
    const std::string_view key = type ? "content_type" : "script";
    problems.Error(map.LineOf(key), map.PathOf(key), decoded.error().what);
  } else if (!script.sha256.empty() && Sha256Hex(*decoded) != script.sha256) {
    problems.Error(map.LineOf("sha256"), map.PathOf("sha256"),
                   "the script is another one: its SHA-256 is " + Sha256Hex(*decoded));
  }
  map.Finish();
  return script;
}

HealthStatePlugin ReadStatePlugin(const YamlNode& node, Problems& problems) {
  HealthStatePlugin plugin;
  MapReader map(node, "health_state_plugin", problems);
  if (const YamlNode* list = map.Take("steps")) {
    const std::string list_path = map.PathOf("steps");
    if (list->kind != Kind::kList) problems.Error(list->line, list_path, "a list is needed here");
    for (std::size_t i = 0; i < list->items.size(); ++i) {
      MapReader step_map(list->items[i], list_path + '[' + std::to_string(i) + ']', problems);
      Step& step = plugin.steps.emplace_back();
      step_map.Text("name", step.name);
      if (step.name.empty()) {
        problems.Error(step_map.line(), step_map.PathOf("name"), "step name is required");
      }
      if (const YamlNode* script = step_map.Take("run_bash_script")) {
        step.run_bash_script = ReadScript(*script, step_map.PathOf("run_bash_script"), problems);
      } else {
        problems.Error(step_map.line(), step_map.PathOf("run_bash_script"),
                       "plugin step cannot be empty");
      }
      step_map.Finish();
    }
  }
  if (const YamlNode* parser = map.Take("parser")) {
    plugin.parser = ReadParser(*parser, map.PathOf("parser"), problems);
  }
  map.Finish();
  return plugin;
}

void ReadExtensions(MapReader& map, Spec& spec) {
  Problems& problems = map.problems();
  std::string format;
  map.Text("output_format", format);
  OutputFormat parsed{};
  if (!format.empty() && ParseWord(format, parsed)) {
    spec.output_format = parsed;
  } else if (!format.empty()) {
    problems.Error(map.LineOf("output_format"), "output_format",
                   "gpud, nagios, npd or openmetrics is needed here");
  }
  map.TextMap("environment", spec.environment);
  for (const auto& [key, value] : spec.environment) {
    if (key.empty() || key.find('=') != std::string::npos ||
        (key + value).find('\0') != std::string::npos) {
      problems.Error(map.LineOf("environment"), "environment", "\"" + key + "\" is no variable");
    }
  }
  map.Switch("long_running", spec.long_running);
  if (spec.long_running &&
      (spec.init() || spec.manual() || spec.interval.value.count() > 0 ||
       spec.format() != OutputFormat::kGpud || spec.health_state_plugin.steps.size() != 1)) {
    problems.Error(map.LineOf("long_running"), "long_running",
                   "needs one step, run_mode auto, no interval, and output_format gpud");
  }
  map.Text("user", spec.user);
  if (map.Take("nice")) {
    double nice = 0;
    map.Number("nice", -20, 19, nice);
    spec.nice = static_cast<int>(nice);
  }
  if (const YamlNode* node = map.Take("limits")) {
    Limits& limits = spec.limits.emplace();
    MapReader inner(*node, "limits", problems);
    double pids = 0;
    inner.Bytes("memory_bytes", limits.memory_bytes);
    inner.Bytes("file_size_bytes", limits.file_size_bytes);
    inner.Number("cpus", 0.01, 4096, limits.cpus);
    inner.Number("pids", 1, 1e6, pids);
    limits.pids = static_cast<std::uint64_t>(pids);
    inner.Finish();
  }
}

Template ReadSpec(const YamlNode& node, Problems& problems) {
  Template read;
  Spec& spec = read.spec;
  MapReader map(node, "", problems);
  map.Text("plugin_name", spec.plugin_name);
  problems.SetPlugin(spec.plugin_name);
  map.Text("plugin_type", spec.plugin_type);
  map.Text("run_mode", spec.run_mode);
  map.Texts("tags", spec.tags);
  map.Texts("component_list", read.list);
  map.Text("component_list_file", read.list_file);
  map.Switch("paste_values", read.paste_values);
  read.list_line = map.LineOf(read.list_file.empty() ? "component_list" : "component_list_file");
  if (spec.plugin_type != "init" && spec.plugin_type != "component" &&
      spec.plugin_type != "component_list") {
    problems.Error(map.LineOf("plugin_type"), "plugin_type",
                   "invalid plugin type; init, component or component_list is needed");
  }
  if (!spec.run_mode.empty() && spec.run_mode != "auto" && spec.run_mode != "manual") {
    problems.Warn(map.LineOf("run_mode"), "run_mode", "acts as auto; auto and manual are known");
  }
  if (ComponentName(spec.plugin_name).empty()) {
    problems.Error(map.LineOf("plugin_name"), "plugin_name", "component name is required");
  }
  if (const YamlNode* plugin = map.Take("health_state_plugin")) {
    spec.health_state_plugin = ReadStatePlugin(*plugin, problems);
  } else {
    problems.Error(map.line(), "health_state_plugin", "state plugin is required");
  }
  map.Time("timeout", spec.timeout);
  map.Time("interval", spec.interval);
  if (spec.timeout.value.count() == 0) spec.timeout.value = std::chrono::minutes(1);
  if (spec.interval.value.count() > 0 && spec.interval.value < kShortestInterval) {
    problems.Error(map.LineOf("interval"), "interval",
                   "interval is too short; 1m is the shortest, 0s runs once at the start");
  }
  ReadExtensions(map, spec);
  map.Finish();
  return read;
}

/// A value that means the same to bash wherever it is pasted: in quotes of any kind, or in none.
bool IsPlain(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_./:@%+,-").find(c) != std::string_view::npos;
  });
}

void Replace(std::string& text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
}

/// The value as the variable NAME or PAR, which "${NAME}" is to bash anyway; pasted into the text
/// only where that cannot make a difference, or its author has asked for it.
void GiveValue(const Template& parent, std::string_view variable, const std::string& value,
               Spec& spec) {
  spec.environment[std::string(variable)] = value;
  if (!parent.paste_values && !IsPlain(value)) return;
  for (Step& step : spec.health_state_plugin.steps) {
    if (!step.run_bash_script) continue;
    BashScript& script = *step.run_bash_script;
    const std::string before = script.script;
    Replace(script.script, "${" + std::string(variable) + '}', value);
    if (script.script != before) script.sha256.clear();  // checked when the file was read
  }
}

std::vector<std::string> EntriesOf(const Template& parent, const ReadFile& read,
                                   Problems& problems) {
  if (parent.list_file.empty()) {
    if (parent.list.empty()) {
      problems.Error(parent.list_line, "component_list", "component list is empty");
    }
    return parent.list;
  }
  constexpr std::string_view kKey = "component_list_file";
  if (!parent.list.empty()) {
    problems.Error(parent.list_line, kKey,
                   "component list must be empty when using component_list_file");
    return {};
  }
  const auto text = read(parent.list_file);
  if (!text) {
    problems.Error(
        parent.list_line, kKey,
        "failed to read component list file " + parent.list_file + ": " + text.error().what);
    return {};
  }
  std::vector<std::string> entries;
  std::string_view rest = *text;
  std::string_view line;
  while (NextLine(rest, line)) {
    const std::string_view entry = Trim(line);
    if (!entry.empty() && entry[0] != '#') entries.emplace_back(entry);
  }
  if (entries.empty()) {
    problems.Error(parent.list_line, kKey, "component list file " + parent.list_file + " is empty");
  }
  return entries;
}

void Expand(const Template& parent, const ReadFile& read, Problems& problems,
            std::vector<Spec>& out) {
  for (const std::string& text : EntriesOf(parent, read, problems)) {
    auto entry = ParseListEntry(text);
    if (!entry) {
      problems.Error(parent.list_line, "component_list", entry.error().what);
      continue;
    }
    Spec& spec = out.emplace_back(parent.spec);
    spec.plugin_name = entry->name;
    spec.plugin_type = "component";
    if (!entry->run_mode.empty()) spec.run_mode = entry->run_mode;
    if (entry->tags) spec.tags = *entry->tags;
    GiveValue(parent, "NAME", entry->name, spec);
    GiveValue(parent, "PAR", entry->parameter, spec);
  }
}

}  // namespace

SpecFile ParseSpecs(const std::string& name, std::string_view text, const ReadFile& read,
                    const std::vector<std::string>& taken) {
  SpecFile file;
  const auto document = ParseYamlTree(text);
  if (!document) {
    file.errors.push_back(name + ':' + document.error().what);
    return file;
  }
  Problems problems(file, name);
  if (document->kind == Kind::kNull) return file;
  if (document->kind != Kind::kList) {
    problems.Error(document->line, "", "not a list of plugins (each begins with \"- \")");
    return file;
  }
  std::set<std::string> builtin(taken.begin(), taken.end());
  std::set<std::string> names;
  for (const YamlNode& node : document->items) {
    problems.SetPlugin("");
    if (node.kind != Kind::kMap) {
      problems.Error(node.line, "", "a map of keys is needed here");
      continue;
    }
    const Template read_spec = ReadSpec(node, problems);
    if (problems.count() > 0) continue;
    std::vector<Spec> expanded;
    if (read_spec.spec.plugin_type == "component_list") {
      Expand(read_spec, read, problems, expanded);
    } else {
      if (!read_spec.list.empty() || !read_spec.list_file.empty()) {
        problems.Warn(read_spec.list_line, "component_list", "is for the type component_list only");
      }
      expanded.push_back(read_spec.spec);
    }
    for (Spec& spec : expanded) {
      problems.SetPlugin(spec.plugin_name);
      const std::string component = ComponentName(spec.plugin_name);
      const int line = expanded.size() > 1 ? read_spec.list_line : node.line;
      if (spec.plugin_name.size() > kLongestName) {
        problems.Error(line, "plugin_name", "plugin name is too long: " + spec.plugin_name);
      } else if (component.empty()) {
        problems.Error(line, "plugin_name", "component name is required");
      } else if (!spec.init() && builtin.contains(component)) {
        problems.Error(line, "plugin_name", "gpud has a check of its own of this name");
      } else if (!names.insert((spec.init() ? "init " : "") + component).second) {
        problems.Error(line, "plugin_name", "duplicate component name: " + component);
      } else if (file.specs.size() >= kMostPlugins) {
        problems.Error(line, "", "more than 1000 plugins");
        return file;
      } else {
        file.specs.push_back(std::move(spec));
      }
    }
  }
  return file;
}

}  // namespace gpud::plugins
