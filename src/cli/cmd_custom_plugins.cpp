// SPDX-License-Identifier: Apache-2.0
// gpud custom-plugins: looks through a file of plugins, and runs them once when asked to.
#include <algorithm>
#include <ostream>

#include "cli/output.h"
#include "cli/table.h"
#include "platform/text.h"
#include "platform/time_text.h"
#include "plugins/example.h"
#include "plugins/plugins.h"
#include "plugins/spec_file.h"

namespace gpud::cli {
namespace {

constexpr std::chrono::milliseconds kLongest{120'000};

constexpr Flag kFlags[] = {
    {.name = "run", .letter = 'r', .kind = Kind::kSwitch, .help = "run each plugin once"},
    {.name = "fail-fast",
     .letter = 'f',
     .kind = Kind::kSwitch,
     .help = "with --run: stop at the first that is not healthy (default: true)"},
    {.name = "schema", .kind = Kind::kSwitch, .help = "print the JSON Schema of such files"},
    {.name = "new", .value = "NAME", .help = "print a commented file to begin with"},
    {.name = "infiniband-exclude-devices", .kind = Kind::kList, .value = "LIST", .hidden = true},
    {.name = "infiniband-class-root-dir", .value = "DIR", .hidden = true},
};

/// A run, for `--output` and the table.
struct Outcome {
  std::string component, health, summary, error, run_mode;
  std::map<std::string, std::string> extra_info;
  std::string output;
  double duration_seconds = 0;

  static constexpr auto Fields() {
    using O = Outcome;
    return std::tuple{
        Field{"component", &O::component}, Field{"health", &O::health},
        Field{"summary", &O::summary},     Field{"error", &O::error, When::kNonEmpty},
        Field{"run_mode", &O::run_mode},   Field{"extra_info", &O::extra_info},
        Field{"output", &O::output},       Field{"duration_seconds", &O::duration_seconds}};
  }
};

std::string SafeLines(std::string_view text) {
  std::string safe;
  std::string_view line;
  while (NextLine(text, line)) safe += OneLine(line) + '\n';
  return safe;
}

std::string SpecTable(const std::vector<plugins::Spec>& specs, const Terminal& terminal) {
  Table table({"COMPONENT", "TYPE", "RUN MODE", "TIMEOUT", "INTERVAL", "VALID"});
  for (const plugins::Spec& spec : specs) {
    table.Add({plugins::ComponentName(spec.plugin_name), spec.plugin_type, spec.run_mode,
               DurationText(spec.timeout.value), DurationText(spec.interval.value),
               Cell{"✔ valid", Colour::kGreen}});
  }
  return table.Text(terminal);
}

Outcome RunOnce(Loop& loop, const plugins::Spec& spec, BootTime until) {
  std::optional<plugins::RunResult> result;
  const UniqueFd program = plugins::OpenRunner({});
  plugins::RunRequest request = plugins::RequestOf(spec);
  const auto left = std::max(until - SystemClock().Boot(), std::chrono::microseconds(1));
  request.timeout = std::min(request.timeout, left);
  const auto run = plugins::Run::Start(loop, program.get(), plugins::RunnerProgram{}.arguments,
                                       request, [&](plugins::RunResult got) {
                                         result = std::move(got);
                                         loop.Stop();
                                       });
  if (run) loop.RunFor(2 * kLongest);
  if (!result) result = plugins::FailedRun(run ? "it did not end" : run.error().what);
  const HealthState state = plugins::StateOf(spec, *result);
  return {.component = plugins::ComponentName(spec.plugin_name),
          .health = std::string(Word(state.health.value_or(Health::kUnknown))),
          .summary = state.reason,
          .error = state.error,
          .run_mode = spec.run_mode,
          .extra_info = state.extra_info,
          .output = state.raw_output,
          .duration_seconds = std::chrono::duration<double>(result->duration).count()};
}

int RunAll(Context& context, const Arguments& arguments, const std::vector<plugins::Spec>& specs) {
  const Json* flag = arguments.Find("fail-fast");
  const bool fail_fast = !flag || arguments.On("fail-fast");
  const Format format = FormatOf(arguments);
  Loop loop;
  const BootTime until = SystemClock().Boot() + kLongest;
  std::vector<Outcome> outcomes;
  for (const plugins::Spec& spec : specs) {
    outcomes.push_back(RunOnce(loop, spec, until));
    const Outcome& outcome = outcomes.back();
    if (fail_fast && outcome.health != Word(Health::kHealthy)) {
      return Failure(context, arguments, "unhealthy",
                     "plugin " + outcome.component + " returned unhealthy state (summary " +
                         outcome.summary + (outcome.error.empty() ? "" : ": " + outcome.error) +
                         ')');
    }
  }
  if (format != Format::kTable) {
    context.out << Rendered(JsonOf(outcomes), format);
    return 0;
  }
  Table table({"COMPONENT", "HEALTH STATE", "SUMMARY", "ERROR", "RUN MODE", "EXTRA INFO"});
  for (const Outcome& outcome : outcomes) {
    context.out << "\n### Component \"" << OneLine(outcome.component) << "\" output\n\n"
                << SafeLines(outcome.output);
    table.Add({outcome.component, outcome.health, outcome.summary, outcome.error, outcome.run_mode,
               outcome.extra_info.empty() ? "null" : ToJson(outcome.extra_info)});
  }
  context.out << "\n### Results\n\n" << table.Text(context.out_terminal);
  return 0;
}

int CustomPlugins(Context& context, const Arguments& arguments) {
  if (arguments.On("schema")) {
    context.out << plugins::SchemaJson();
    return 0;
  }
  if (const Json* name = arguments.Find("new")) {
    context.out << plugins::NewFile(*name->AsString());
    return 0;
  }
  plugins::SpecFile file;
  if (arguments.names().empty()) {
    file = plugins::ParseSpecs("the built-in sample", plugins::Sample());
  } else {
    const std::string& path = arguments.names().front();
    const auto text = plugins::ReadTrusted(path);
    if (!text) return Failure(context, arguments, text.error());
    std::vector<std::string> taken;
    for (const ComponentType* component : context.components) taken.emplace_back(component->name);
    file = plugins::ParseSpecs(path, *text, plugins::ReadTrusted, taken);
  }
  for (const std::string& warning : file.warnings) Warn(context, warning);
  if (!file.errors.empty()) return Failure(context, arguments, "invalid_plugins", file.errors);
  std::stable_partition(file.specs.begin(), file.specs.end(),
                        [](const plugins::Spec& spec) { return spec.init(); });
  const Format format = FormatOf(arguments);
  if (format == Format::kTable) {
    context.out << SpecTable(file.specs, context.out_terminal);
  } else if (!arguments.On("run")) {
    context.out << Rendered(ParseJson(plugins::SpecsJson(file.specs)).value_or(Json{}), format);
  }
  return arguments.On("run") ? RunAll(context, arguments, file.specs) : 0;
}

}  // namespace

extern constinit const Command kCustomPlugins{
    .name = "custom-plugins",
    .aliases = "cs,plugin,plugins",
    .group = Group::kMore,
    .summary = "look through a file of plugins, or run them once",
    .usage = "[FILE]",
    .about =
        "Tells all that is wrong in the file at once, with line and key; exit code 1\n"
        "then. Without FILE a built-in sample is looked through. The daemon reads\n"
        "/etc/default/gpud.plugins.yaml (--plugin-specs-file) when it starts. The\n"
        "file runs as root: it must be root's, and writable for nobody else.",
    .examples =
        "gpud custom-plugins plugins.yaml                # is it right?\n"
        "gpud custom-plugins plugins.yaml -r             # run each once\n"
        "gpud custom-plugins --new disk-check            # a file to begin with\n"
        "gpud custom-plugins --schema > plugins.schema.json",
    .most_names = 1,
    .flags = [] { return AllOf(kFlags, kOutputFlags); },
    .run = CustomPlugins,
};

}  // namespace gpud::cli
