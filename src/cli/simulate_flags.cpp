// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate_flags.h"

#include <algorithm>
#include <ostream>

#include "cli/daemon_options.h"
#include "cli/output.h"
#include "cli/table.h"
#include "platform/root.h"
#include "scenario/bundled.h"

namespace gpud::cli {
namespace {

struct ScenarioRow {
  std::string name, machine;
  std::int64_t nodes = 0;
  double seconds = 0;
  std::string title;

  static constexpr auto Fields() {
    using R = ScenarioRow;
    return std::tuple{Field{"name", &R::name}, Field{"machine", &R::machine},
                      Field{"nodes", &R::nodes}, Field{"seconds", &R::seconds},
                      Field{"title", &R::title}};
  }
};

/// Names that are a slip away from the word, or share a part of theirs with it.
std::string NamesLike(const std::string& word) {
  std::string all, like;
  for (const auto& scenario : scenario::BundledScenarios()) {
    all += (all.empty() ? "" : ",") + std::string(scenario.name);
    const auto parts = Split(word, '-');
    const bool shares = std::any_of(parts.begin(), parts.end(), [&](std::string_view part) {
      constexpr std::size_t kTelling = 3;
      return part.size() >= kTelling && scenario.name.find(part) != std::string_view::npos;
    });
    if (shares) like += (like.empty() ? "" : ", ") + std::string(scenario.name);
  }
  const std::string_view slip = ClosestWord(word, all);
  return slip.empty() ? like : std::string(slip);
}

/// A folder in memory: /run/user/UID, /dev/shm, else /tmp.
std::string MemoryDir(const Environment& environment) {
  const auto runtime = environment.find("XDG_RUNTIME_DIR");
  const Root root;
  if (runtime != environment.end() && runtime->second.starts_with('/') &&
      root.Exists(runtime->second)) {
    return runtime->second;
  }
  return root.Exists("/dev/shm") ? "/dev/shm" : "/tmp";
}

bool IsBundled(const std::string& name) {
  const auto scenarios = scenario::BundledScenarios();
  return std::any_of(scenarios.begin(), scenarios.end(),
                     [&](const auto& scenario) { return scenario.name == name; });
}

/// Lanes may be started in another folder than the one that a path was meant from.
std::string AbsolutePath(const std::string& path) {
  if (path.empty() || path.starts_with('/')) return path;
  return Root().ReadLink("/proc/self/cwd").value_or(std::string()) + '/' + path;
}

}  // namespace

bool AsksForScenarios(const Arguments& arguments) { return arguments.Text("simulate") == "list"; }

int ListScenarios(Context& context, const Arguments& arguments) {
  std::vector<ScenarioRow> rows;
  for (const auto& bundled : scenario::BundledScenarios()) {
    const auto scenario = scenario::FindScenario(std::string(bundled.name));
    if (!scenario) return Failure(context, arguments, scenario.error());
    ScenarioRow& row = rows.emplace_back();
    row = {.name = scenario->id,
           .machine = scenario->nodes[0].profile_name,
           .seconds = scenario->duration_s,
           .title = scenario->title};
    for (const auto& spec : scenario->nodes) row.nodes += spec.count;
  }
  if (const Format format = FormatOf(arguments); format != Format::kTable) {
    context.out << Rendered(JsonOf(rows), format);
    return 0;
  }
  Table table({"SCENARIO", "MACHINE", "NODES", "SECONDS", "WHAT HAPPENS"});
  for (const ScenarioRow& row : rows) {
    table.Add(
        {row.name, row.machine, std::to_string(row.nodes), NumberText(row.seconds), row.title});
  }
  context.out << table.Text(context.out_terminal);
  return 0;
}

Result<std::optional<daemon::Simulation>> StartSimulation(const Context& context,
                                                          const Arguments& arguments,
                                                          bool at_start) {
  const std::string name = arguments.Text("simulate");
  if (name.empty()) {
    for (const Flag& flag : kSimulateFlags) {
      if (arguments.Find(flag.name)) {
        return Fail(ErrorCode::kParse,
                    "--" + std::string(flag.name) + " needs --simulate SCENARIO");
      }
    }
    return std::optional<daemon::Simulation>();
  }
  if (!IsBundled(name) && !Root().Exists(AbsolutePath(name))) {
    const std::string like = NamesLike(name);
    return Fail(ErrorCode::kNotFound,
                "there is no scenario \"" + name + "\"" +
                    (like.empty() ? "" : "; did you mean " + like + "?") +
                    " \"gpud run --simulate list\" names those that there are; else give a file");
  }
  daemon::SimulationPlan plan{.scenario = IsBundled(name) ? name : AbsolutePath(name),
                              .node = arguments.Text("simulate-node"),
                              .faults_file = AbsolutePath(arguments.Text("simulate-faults")),
                              .memory_dir = MemoryDir(context.environment)};
  if (!at_start) plan.begin_s.reset();
  if (arguments.Find("simulate-at")) {
    const auto begin = ParseDuration(arguments.Text("simulate-at"));
    if (!begin || begin->count() < 0) {
      return Fail(ErrorCode::kParse, "--simulate-at: not a time from the start of the scenario");
    }
    plan.begin_s = std::chrono::duration<double>(*begin).count();
  }
  if (arguments.Find("simulate-speed")) {
    const auto speed = ParseNumber<double>(arguments.Text("simulate-speed"));
    constexpr double kSlowest = 0.001, kFastest = 1000;
    if (!speed || *speed < kSlowest || *speed > kFastest) {
      return Fail(ErrorCode::kParse, "--simulate-speed: not a number from 0.001 to 1000");
    }
    plan.speed = *speed;
  }
  auto simulation = daemon::Simulation::Start(plan);
  if (!simulation) return tl::unexpected<Error>(std::move(simulation).error());
  return std::optional(std::move(*simulation));
}

Result<daemon::Options> OptionsOf(const daemon::Simulation& simulation, Settings settings,
                                  const Environment& environment) {
  const auto by_flag = [&](std::string_view name) {
    return settings.Get(name).origin.starts_with("--");
  };
  const auto forget = [&](std::string_view name, Json value) {
    if (!by_flag(name)) settings.Set(name, std::move(value), "--simulate");
  };
  const std::string given = by_flag("data-dir") ? settings.Text("data-dir") : std::string();
  forget("data-dir", Json{simulation.data_dir()});
  for (const std::string_view name :
       {"socket", "api-token-file", "log-file", "plugin-specs-file", "enabled-packs-file"}) {
    forget(name, Json{std::string()});
  }
  forget("pack-dirs", Json{Json::Array{}});
  daemon::Options options = DaemonOptions(settings, environment);
  settings.Set("data-dir", Json{std::string()}, "default");
  if (!given.empty() && given == DataDirectory(settings, ThisUser(environment))) {
    return Fail(ErrorCode::kPermission,
                given + " is the data directory of the real machine; choose another --data-dir");
  }
  simulation.Use(options);
  return options;
}

}  // namespace gpud::cli
