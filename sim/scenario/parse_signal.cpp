// SPDX-License-Identifier: Apache-2.0
// `signals` of a scenario file.
#include <algorithm>

#include "platform/text.h"
#include "scenario/default_processes.h"
#include "scenario/parse.h"

namespace gpud::scenario {
namespace {

constexpr std::string_view kInterpolations[] = {"linear", "step"};
constexpr std::string_view kCounterForms[] = {"rate", "total"};
constexpr std::string_view kOtherForms[] = {"value"};
constexpr std::string_view kOperations[] = {"set", "add", "mul"};
constexpr std::string_view kServices[] = {"fabricmanager",     "persistenced", "imex",
                                          "container_runtime", "kubelet",      "timesync"};

bool IsIndex(const std::string& value, int count) {
  const auto index = ParseNumber<int>(value);
  return index && *index >= 0 && *index < count;
}

bool IsNumbered(const std::string& value, std::string_view prefix, int count) {
  return value.starts_with(prefix) && IsIndex(value.substr(prefix.size()), count);
}

void ReadLabels(const Yaml& value, SignalEntry& entry, MapReader& map, const Scenario& scenario) {
  const Signal& signal = *entry.signal;
  for (const auto& [name, given] : value.members) {
    Label label = Label::kNone;
    for (const Label has : signal.labels) {
      if (has != Label::kNone && LabelName(has) == name) label = has;
    }
    if (signal.also_nic && name == "nic") label = Label::kNic;
    if (label == Label::kNone) {
      map.Wrong(given, "labels", "the signal has no label '" + name + "'");
      continue;
    }
    auto& values = entry.labels.emplace_back(name, std::vector<std::string>{}).second;
    const auto items =
        given.type == Yaml::Type::kList ? std::span(given.items) : std::span(&given, 1);
    for (const Yaml& item : items) {
      const auto knows = [&](const NodeSpec& node) {
        const auto names = node.Names();
        const bool concerned = std::ranges::any_of(
            names, [&](const auto& n) { return AnyGlobMatches(entry.nodes, n); });
        return !concerned || HasLabelValue(node, label, item.text);
      };
      const bool numbered = label == Label::kGpu || label == Label::kLink || label == Label::kPid;
      if (item.type != Yaml::Type::kScalar || (numbered && item.text != "*" && !item.Integer()) ||
          !std::ranges::all_of(scenario.nodes, knows)) {
        map.Wrong(item, "labels",
                  name + "=" + item.text + " does not exist on every node it names");
      }
      values.push_back(item.text);
    }
  }
}

void ReadPoints(const Yaml& list, SignalEntry& entry, MapReader& map, double duration) {
  if (list.type != Yaml::Type::kList || list.items.empty()) {
    map.Wrong(list, "points", "must be a list with at least one [time, value]");
    return;
  }
  for (const Yaml& point : list.items) {
    const auto time = point.items.size() == 2 ? point.items[0].Number() : std::nullopt;
    const auto value = point.items.size() == 2 ? point.items[1].Number() : std::nullopt;
    if (!time || !value) {
      map.Wrong(point, "points", "each must be [time, value]");
      continue;
    }
    if (!entry.points.empty() && *time <= entry.points.back().first) {
      map.Wrong(point, "points", "times must rise");
    }
    if (*time > duration) map.Wrong(point, "points", point.items[0].text + " is after the end");
    entry.points.emplace_back(*time, *value);
  }
}

void ReadCourse(MapReader& map, SignalEntry& entry, double duration) {
  const Yaml* points = map.Find("points");
  const Yaml* value = map.Find("value");
  const Yaml* wave = map.Find("wave");
  if ((points != nullptr) + (value != nullptr) + (wave != nullptr) != 1) {
    map.mistakes().Add(map.line(), map.where(), "exactly one of points, value, wave is needed");
  }
  if (points) ReadPoints(*points, entry, map, duration);
  if (value) {
    double fixed = 0;
    map.Number("value", fixed);
    entry.points = {{0, fixed}};
  }
  if (wave) {
    MapReader of(*wave, map.where() + ".wave", map.mistakes());
    Wave& made = entry.wave.emplace();
    made.period_s = 1;
    for (const char* key : {"period_s", "low", "high"}) of.Need(key);
    of.Number("period_s", made.period_s, {.low = 0.001});
    of.Number("low", made.low);
    of.Number("high", made.high);
    of.Number("duty", made.duty, {.low = 0, .high = 1});
    of.Finish();
  }
}

void ReadNoise(MapReader& map, SignalEntry& entry) {
  const Yaml* noise = map.Find("noise");
  if (!noise) return;
  if (entry.signal->kind == Kind::kState) map.Wrong(*noise, "noise", "a state has none");
  if (entry.total) map.Wrong(*noise, "noise", "a total has none");
  MapReader of(*noise, map.where() + ".noise", map.mistakes());
  if (noise->members.size() != 1) map.Wrong(*noise, "noise", "needs exactly one of sd, uniform");
  of.Number("sd", entry.noise_sd, kNotNegative);
  of.Number("uniform", entry.noise_uniform, kNotNegative);
  of.Finish();
}

}  // namespace

bool HasLabelValue(const NodeSpec& node, Label label, const std::string& value) {
  const auto in = [&](const auto& rows, auto key) {
    return std::ranges::find(rows, value, key) != rows.end();
  };
  if (value == "*") return true;
  switch (label) {
    case Label::kGpu:
      return IsIndex(value, node.profile.gpus);
    case Label::kLink:
      return IsIndex(value, node.profile.links);
    case Label::kNic:
      return IsNumbered(value, "mlx5_", node.profile.nics);
    case Label::kPid: {
      const auto processes = ProcessesOf(node);
      const auto pid = ParseNumber<std::int64_t>(value);
      return pid && std::ranges::find(processes, *pid, &Process::pid) != processes.end();
    }
    case Label::kCgroup:
      return (value == "job" && node.workload == Workload::kTrain) ||
             in(node.cgroups, &Cgroup::name);
    case Label::kDisk:
      return in(node.disks, &Disk::name);
    case Label::kMount:
      return in(node.mounts, &Mount::path);
    case Label::kService:
      return std::ranges::find(kServices, value) != std::end(kServices);
    case Label::kPsu:
      return IsNumbered(value, "psu", 4);
    case Label::kFan:
      return IsNumbered(value, "fan", 8);
    case Label::kDimm:
      return value.size() == 8 && value.starts_with("mc") && value[2] >= '0' && value[2] <= '3' &&
             value.substr(3, 2) == "ch" && (value[5] == '0' || value[5] == '1') &&
             value.ends_with("d0");
    case Label::kJob:
      return true;
    case Label::kNone:
      return false;
  }
  return false;
}

SignalEntry ReadSignal(const Yaml& value, const std::string& where, const Scenario& scenario,
                       Mistakes& mistakes) {
  SignalEntry entry{.line = value.line};
  std::string name;
  {
    MapReader head(value, where, mistakes);
    head.Need("signal");
    head.Text("signal", name);
  }
  entry.signal = FindSignal(name);
  if (!entry.signal) {
    if (!name.empty()) mistakes.Add(value.line, where, "unknown signal '" + name + "'");
    return entry;
  }
  MapReader map(value, where + " " + name, mistakes);
  map.Find("signal");
  map.TextOrTexts("node", entry.nodes);
  CheckNodes(entry.nodes, value.line, map.where(), scenario, mistakes);
  if (const Yaml* labels = map.Find("labels")) {
    if (labels->type == Yaml::Type::kMap) {
      ReadLabels(*labels, entry, map, scenario);
    } else {
      map.Wrong(*labels, "labels", "must be a map");
    }
  }
  ReadCourse(map, entry, scenario.duration_s);
  std::string interpolation = "linear";
  map.Word("interp", interpolation, kInterpolations);
  entry.steps = interpolation == "step" || entry.signal->kind == Kind::kState;
  std::string form;
  map.Word("as", form,
           entry.signal->kind == Kind::kCounter ? std::span<const std::string_view>(kCounterForms)
                                                : std::span<const std::string_view>(kOtherForms));
  entry.total = form == "total";
  std::string operation = "set";
  map.Word("op", operation, kOperations);
  entry.operation = static_cast<Operation>(std::ranges::find(kOperations, operation) - kOperations);
  ReadNoise(map, entry);
  const Range within{.low = 0, .high = scenario.duration_s};
  map.Number("from_s", entry.from_s, within);
  map.Number("until_s", entry.until_s, within);
  for (const Yaml& span : map.List("missing")) {
    const auto from = span.items.size() == 2 ? span.items[0].Number() : std::nullopt;
    const auto to = span.items.size() == 2 ? span.items[1].Number() : std::nullopt;
    if (from && to && *from < *to) {
      entry.missing.emplace_back(*from, *to);
    } else {
      map.Wrong(span, "missing", "each must be [from, to]");
    }
  }
  map.Finish();
  return entry;
}

}  // namespace gpud::scenario
