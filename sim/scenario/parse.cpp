// SPDX-License-Identifier: Apache-2.0
#include "scenario/parse.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "platform/text.h"
#include "platform/time_text.h"
#include "scenario/verdict_names.h"

namespace gpud::scenario {
namespace {

constexpr std::string_view kSchema = "gpud-scenario/1";
constexpr std::string_view kKeys[] = {"schema",     "id",    "title", "seed",
                                      "duration_s", "nodes", "expect"};

std::string Stem(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  std::string name = slash == std::string::npos ? file : file.substr(slash + 1);
  if (name.ends_with(".yaml")) name.resize(name.size() - 5);
  return name;
}

void ReadHead(MapReader& map, const std::string& file, Scenario& scenario) {
  for (const std::string_view key : kKeys) map.Need(key);
  std::string schema(kSchema);
  map.Text("schema", schema);
  if (schema != kSchema)
    map.Wrong(*map.Find("schema"), "schema", "must be " + std::string(kSchema));
  if (const Yaml* id = map.Find("id")) {
    scenario.id = id->text;
    if (scenario.id != Stem(file) || scenario.id.starts_with('-')) {
      map.Wrong(*id, "id", "must equal the file's name without .yaml");
    }
  }
  map.Text("title", scenario.title);
  map.Text("description", scenario.description);
  map.Texts("tags", scenario.tags);
  std::int64_t seed = 0;
  map.Integer("seed", seed, kNotNegative);
  scenario.seed = static_cast<std::uint64_t>(seed);
  if (const Yaml* start = map.Find("start")) {
    scenario.start = start->text;
    if (!ParseRfc3339(start->text)) {
      map.Wrong(*start, "start", "must be a time such as 2026-01-01T00:00:00Z");
    }
  }
  map.Number("duration_s", scenario.duration_s, {.low = 0.001});
  map.Number("sample_s", scenario.step_s, {.low = 0.001});
  map.Number("uptime_s", scenario.uptime_s, kNotNegative);
}

template <class Row>
void ReadRows(MapReader& map, std::string_view key, std::vector<Row>& into,
              const Scenario& scenario,
              Row (*read)(const Yaml&, const std::string&, const Scenario&, Mistakes&)) {
  const auto rows = map.List(key);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    into.push_back(
        read(rows[i], std::string(key) + "[" + std::to_string(i) + "]", scenario, map.mistakes()));
  }
}

void ReadNodes(MapReader& map, Scenario& scenario) {
  const auto nodes = map.List("nodes");
  std::vector<std::string> names;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const std::string where = "nodes[" + std::to_string(i) + "]";
    scenario.nodes.push_back(ReadNode(nodes[i], where, map.mistakes()));
    for (std::string& name : scenario.nodes.back().Names()) {
      if (std::ranges::find(names, name) != names.end()) {
        map.mistakes().Add(nodes[i].line, where, "node '" + name + "' exists twice");
      }
      names.push_back(std::move(name));
    }
  }
  if (nodes.empty()) map.mistakes().Add(map.line(), "nodes", "at least one node is needed");
}

// A rate and a total on one series cannot both be right. Entries of one signal whose nodes and
// labels may meet are taken to meet: exact for every file that a person would write.
void CheckMixedCounters(const Scenario& scenario, Mistakes& mistakes) {
  using Values = std::vector<std::string>;
  const auto has = [](const Values& values, const std::string& value) {
    return std::ranges::find(values, value) != values.end();
  };
  const auto meet = [&](const Values& some, const Values& others) {
    return has(some, "*") || has(others, "*") ||
           std::ranges::any_of(some, [&](const std::string& value) { return has(others, value); });
  };
  const auto overlap = [&](const SignalEntry& a, const SignalEntry& b) {
    for (const auto& [name, values] : a.labels) {
      for (const auto& [other, others] : b.labels) {
        if (name == other && !meet(values, others)) return false;
      }
    }
    return true;
  };
  const auto share_a_node = [&](const SignalEntry& a, const SignalEntry& b) {
    return std::ranges::any_of(scenario.nodes, [&](const NodeSpec& node) {
      const auto names = node.Names();
      return std::ranges::any_of(names, [&](const std::string& name) {
        return AnyGlobMatches(a.nodes, name) && AnyGlobMatches(b.nodes, name);
      });
    });
  };
  for (auto a = scenario.signals.begin(); a != scenario.signals.end(); ++a) {
    for (auto b = std::next(a); b != scenario.signals.end(); ++b) {
      if (a->signal && a->signal == b->signal && a->total != b->total && overlap(*a, *b) &&
          share_a_node(*a, *b)) {
        mistakes.Add(b->line, std::string(b->signal->name),
                     "a rate and a total (line " + std::to_string(a->line) + ") on one series");
      }
    }
  }
}

void ReadVerdictLists(MapReader& map, Scenario& scenario) {
  const auto known = [](const std::string& pattern) {
    return std::ranges::any_of(VerdictNames(), [&](std::string_view name) {
      return GlobMatches(pattern, std::string(name));
    });
  };
  const auto read = [&](std::string_view key, std::vector<std::string>& into) {
    map.Texts(key, into);
    for (const std::string& pattern : into) {
      if (!known(pattern)) {
        map.Wrong(*map.Find(key), key, "'" + pattern + "' matches no diagnosis id");
      }
    }
  };
  read("forbid", scenario.forbid);
  read("allow", scenario.allow);
  for (const Expectation& expect : scenario.expect) {
    if (std::ranges::find(scenario.forbid, expect.id) != scenario.forbid.end()) {
      map.Wrong(*map.Find("forbid"), "forbid", expect.id + " is expected and forbidden");
    }
  }
  if (scenario.expect.empty() && scenario.forbid.empty()) {
    map.mistakes().Add(map.line(), "expect",
                       "empty, and nothing is forbidden: the scenario tests nothing");
  }
  if (const Yaml* incidents = map.Find("incidents")) {
    MapReader of(*incidents, "incidents", map.mistakes());
    int most = 0;
    of.Need("max");
    of.Integer("max", most, kNotNegative);
    scenario.most_incidents = most;
    of.Finish();
  }
}

}  // namespace

Result<Scenario> ParseScenario(const std::string& file, const std::string& text) {
  const Result<Yaml> tree = ParseYaml(text);
  if (!tree) return Fail(ErrorCode::kParse, file + ":" + tree.error().what);
  Mistakes mistakes(file);
  Scenario scenario{.file = file};
  MapReader map(*tree, "", mistakes);
  ReadHead(map, file, scenario);
  ReadNodes(map, scenario);
  if (!scenario.nodes.empty()) {
    ReadRows(map, "signals", scenario.signals, scenario, &ReadSignal);
    ReadRows(map, "kmsg", scenario.kernel_log, scenario, &ReadKernelLine);
    ReadRows(map, "facts", scenario.facts, scenario, &ReadFactChange);
    ReadRows(map, "expect", scenario.expect, scenario, &ReadExpectation);
    ReadVerdictLists(map, scenario);
    CheckMixedCounters(scenario, mistakes);
    map.Finish();
  }
  if (!mistakes.empty()) return Fail(ErrorCode::kParse, mistakes.Text());
  return scenario;
}

Result<Scenario> LoadScenario(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return FailErrno("scenario " + path, errno);
  std::ostringstream text;
  text << file.rdbuf();
  return ParseScenario(path, text.str());
}

}  // namespace gpud::scenario
