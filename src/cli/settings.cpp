// SPDX-License-Identifier: Apache-2.0
#include "cli/settings.h"

#include <unistd.h>

#include <algorithm>

#include "cli/yaml_file.h"
#include "platform/root.h"
#include "platform/text.h"
#include "platform/time_text.h"

namespace gpud::cli {
namespace {

constexpr std::chrono::microseconds kShortestRetention = std::chrono::minutes(1);

// Variables that are no settings of the daemon: what the client reads, and those of the original's
// NVML loader (specs: docs/compatibility.md, "Environment").
constexpr std::string_view kOtherVariables[] = {
    "GPUD_CONFIG",
    "GPUD_SERVER",
    "GPUD_CA_FILE",
    "GPUD_FINGERPRINT",
    "GPUD_NVML_LIBRARY_PATH",
    "GPUD_NVIDIA_DRIVER_ROOT",
    "GPUD_NVML_MOCK_ALL_SUCCESS",
    "GPUD_NVML_INJECT_REMAPPED_ROWS_PENDING",
    "GPUD_NVML_INJECT_CLOCK_EVENTS_HW_SLOWDOWN",
};

std::string Derived(std::string_view flag, bool upper) {
  std::string name(flag);
  std::transform(name.begin(), name.end(), name.begin(), [upper](char c) {
    if (c == '-') return '_';
    return upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return name;
}

/// Where a value was written, for messages: "FILE:3: key", "GPUD_NAME" or "--flag".
std::string Where(const Settings& settings, std::string_view name) {
  const std::string& origin = settings.Get(name).origin;
  return origin.front() == '/' ? origin + ": " + Derived(name, false) : origin;
}

/// All keys of the file, comma-separated, for "did you mean".
std::string AllKeys() {
  std::string keys;
  for (const Setting& setting : AllSettings()) {
    if (!setting.flag_only()) keys += (keys.empty() ? "" : ",") + KeyOf(setting);
  }
  return keys;
}

/// The value of a key, checked for its type. Error: kParse.
Result<Json> FromYaml(const Flag& flag, const YamlEntry& entry) {
  const auto wrong = [&](std::string_view found) {
    return Fail(ErrorCode::kParse,
                std::string(found) + " is not " + std::string(KindWords(flag.kind)));
  };
  if (entry.scalar) {
    const bool bare = flag.kind == Kind::kSwitch || flag.kind == Kind::kInteger;
    if (bare && entry.quoted) return wrong("the text \"" + entry.text + '"');
    return ParseValue(flag, entry.text);
  }
  if (entry.value.IsNull()) return Fail(ErrorCode::kParse, "has no value");
  if (flag.kind == Kind::kJson) return entry.value;
  if (flag.kind != Kind::kList || !entry.value.AsArray()) {
    return wrong(entry.value.AsArray() ? "a list" : "a map");
  }
  for (const Json& item : *entry.value.AsArray()) {
    if (!item.AsString()) return wrong("an entry that is no text");
  }
  return entry.value;
}

void ReadFile(Settings& settings, bool must_exist) {
  auto text = Root().Read(settings.file);
  if (!text) {
    if (text.error().code == ErrorCode::kNotFound && !must_exist) {
      settings.file.clear();
    } else {
      settings.problems.push_back("cannot read the configuration: " + text.error().what);
    }
    return;
  }
  const auto entries = ParseYaml(*text);
  if (!entries) {
    settings.problems.push_back(settings.file + ":" + entries.error().what);
    return;
  }
  std::map<std::string, int> seen;
  for (const YamlEntry& entry : *entries) {
    const std::string where = settings.file + ":" + std::to_string(entry.line);
    const std::string context = where + ": " + OneLine(entry.key) + ": ";
    const auto setting = std::find_if(
        AllSettings().begin(), AllSettings().end(),
        [&entry](const Setting& s) { return !s.flag_only() && KeyOf(s) == entry.key; });
    if (setting == AllSettings().end()) {
      const std::string keys = AllKeys();
      const std::string_view near = ClosestWord(entry.key, keys);
      settings.problems.push_back(
          context + "unknown key" +
          (near.empty() ? "" : "; did you mean \"" + std::string(near) + "\"?"));
      continue;
    }
    if (const auto [first, is_new] = seen.emplace(entry.key, entry.line); !is_new) {
      settings.problems.push_back(context + "given in line " + std::to_string(first->second) +
                                  " already");
      continue;
    }
    if (auto value = FromYaml(setting->flag, entry)) {
      settings.Set(setting->flag.name, *std::move(value), where);
    } else {
      settings.problems.push_back(context + value.error().what);
    }
  }
}

void ReadVariables(Settings& settings, const Environment& environment) {
  std::string known;
  for (const std::string_view name : kOtherVariables) known += std::string(name) + ',';
  for (const Setting& setting : AllSettings()) {
    if (setting.flag_only()) continue;
    const std::string name = VariableOf(setting);
    known += name + ',';
    const auto found = environment.find(name);
    if (found == environment.end()) continue;
    if (auto value = ParseValue(setting.flag, found->second)) {
      settings.Set(setting.flag.name, *std::move(value), name);
    } else {
      settings.problems.push_back(name + ": " + value.error().what);
    }
  }
  const auto names = Split(known, ',');
  for (const auto& [name, value] : environment) {
    if (!name.starts_with("GPUD_") || std::find(names.begin(), names.end(), name) != names.end()) {
      continue;
    }
    const std::string_view near = ClosestWord(name, known);
    settings.warnings.push_back(
        OneLine(name) + ": no such setting" +
        (near.empty() ? ", ignored" : "; did you mean " + std::string(near) + "?"));
  }
}

/// What the types alone do not tell.
void CheckValues(Settings& settings) {
  const auto problem = [&settings](std::string_view name, const std::string& what) {
    settings.problems.push_back(Where(settings, name) + ": " + what);
  };
  for (const std::string_view name : {"metrics-retention-period", "events-retention-period"}) {
    const auto kept = settings.Duration(name);
    if (kept >= kShortestRetention) continue;
    if (kept.count() > 0) {
      problem(name, "must be at least 1 minute, got " + DurationText(kept));
    } else {  // the original's rule: zero or negative means the default
      const auto setting = std::find_if(AllSettings().begin(), AllSettings().end(),
                                        [name](const Setting& s) { return s.flag.name == name; });
      settings.Set(name, {std::string(setting->fallback)}, "default");
    }
  }
  if (settings.Duration("sample-interval").count() < 0) {
    problem("sample-interval", "must not be negative");
  } else if (const auto step = settings.Duration("sample-interval");
             step.count() > 0 && step < std::chrono::seconds(1)) {
    problem("sample-interval", "must be 0s or at least 1s, got " + DurationText(step));
  }
  for (const std::string_view name : {"nfs-host-root", "root"}) {
    const std::string path = settings.Text(name);
    if (!path.empty() && path.front() != '/') {
      problem(name, "must be an absolute path, got \"" + path + '"');
    }
  }
  // A typing error would look like a machine of which nothing can be read.
  const std::string root = settings.Text("root");
  if (root.starts_with('/') && !Root().List(root)) {
    problem("root", "cannot be read as a directory: " + root);
  }
}

}  // namespace

std::string KeyOf(const Setting& setting) { return Derived(setting.flag.name, false); }
std::string VariableOf(const Setting& setting) {
  return "GPUD_" + Derived(setting.flag.name, true);
}

const Settings::Value& Settings::Get(std::string_view name) const {
  static const Value kNone;
  const auto found = values_.find(name);
  return found == values_.end() ? kNone : found->second;
}

void Settings::Set(std::string_view name, Json value, std::string origin) {
  values_.insert_or_assign(name, Value{std::move(value), std::move(origin)});
}

bool Settings::On(std::string_view name) const {
  const bool* on = std::get_if<bool>(&Get(name).value.value);
  return on && *on;
}

std::string Settings::Text(std::string_view name) const {
  const std::string* text = Get(name).value.AsString();
  return text ? *text : std::string();
}

std::int64_t Settings::Integer(std::string_view name) const {
  const std::int64_t* number = std::get_if<std::int64_t>(&Get(name).value.value);
  return number ? *number : 0;
}

std::chrono::microseconds Settings::Duration(std::string_view name) const {
  return ParseDuration(Text(name)).value_or(std::chrono::microseconds{});
}

std::vector<std::string> Settings::List(std::string_view name) const {
  std::vector<std::string> list;
  if (const Json::Array* entries = Get(name).value.AsArray()) {
    for (const Json& entry : *entries) {
      if (const std::string* text = entry.AsString()) list.push_back(*text);
    }
  }
  return list;
}

Settings ReadSettings(const Arguments& arguments, const Environment& environment) {
  Settings settings;
  for (const Setting& setting : AllSettings()) {
    settings.Set(setting.flag.name, ParseValue(setting.flag, setting.fallback).value_or(Json{}),
                 "default");
  }
  settings.file = arguments.Text("config");
  if (const auto variable = environment.find("GPUD_CONFIG");
      settings.file.empty() && variable != environment.end()) {
    settings.file = variable->second;
  }
  const bool named = !settings.file.empty();
  if (!named) settings.file = kDefaultConfigFile;
  if (settings.file.front() != '/') {
    char folder[4096];
    if (getcwd(folder, sizeof folder)) settings.file = std::string(folder) + '/' + settings.file;
  }
  ReadFile(settings, named);
  ReadVariables(settings, environment);
  for (const Setting& setting : AllSettings()) {
    if (const Json* value = arguments.Find(setting.flag.name)) {
      settings.Set(setting.flag.name, *value, "--" + std::string(setting.flag.name));
    }
    if (!setting.no_effect.empty() && settings.Given(setting.flag.name)) {
      settings.warnings.push_back(
          "accepted but has no effect: " + Where(settings, setting.flag.name) + " (" +
          std::string(setting.no_effect) + ")");
    }
  }
  CheckValues(settings);
  return settings;
}

}  // namespace gpud::cli
