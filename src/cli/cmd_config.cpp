// SPDX-License-Identifier: Apache-2.0
// gpud config: is the configuration right, and what is in effect?
#include <ostream>

#include "cli/daemon_options.h"
#include "cli/fault_catalog_file.h"
#include "cli/output.h"
#include "cli/table.h"
#include "daemon/select.h"

namespace gpud::cli {
namespace {

constexpr Flag kFlags[] = {{.name = "config",
                            .value = "FILE",
                            .help = "configuration file (default: "
                                    "/etc/gpud/config.yaml, if it exists)"}};

/// Values as the configuration file has them; places that depend on the user resolved.
Json Effective(const Setting& setting, const Settings& settings, const User& user) {
  if (setting.flag.name == "data-dir") return {DataDirectory(settings, user)};
  if (setting.flag.name == "socket") return {SocketPath(settings, user)};
  if (setting.flag.name == "api-token-file") return {ApiTokenFile(settings, user)};
  return settings.Get(setting.flag.name).value;
}

void WarnOfComponents(Context& context, const Settings& settings) {
  std::vector<std::string> names;
  for (const ComponentType* component : context.components) names.emplace_back(component->name);
  for (const std::string& unknown :
       daemon::SelectComponents(settings.List("components"), names).unknown) {
    Warn(context, settings.Get("components").origin + ": components: there is no \"" +
                      OneLine(unknown) + '"');
  }
}

int Check(Context& context, const Arguments& arguments, const Settings& settings) {
  const FaultCatalogFile faults = ReadFaultCatalog(settings);
  std::vector<std::string> problems = settings.problems;
  problems.insert(problems.end(), faults.problems.begin(), faults.problems.end());
  if (!problems.empty()) return Failure(context, arguments, "invalid_configuration", problems);
  if (const Format format = FormatOf(arguments); format != Format::kTable) {
    Json::Object answer{{"file", {settings.file}}, {"ok", {true}}};
    if (!faults.path.empty()) answer.emplace_back("fault_catalog", Json{faults.path});
    context.out << Rendered({std::move(answer)}, format);
    return 0;
  }
  context.out << CheckMark(context.out_terminal) << ' '
              << (settings.file.empty() ? "there is no configuration file; the defaults hold"
                                        : settings.file + " is right")
              << '\n';
  if (!faults.path.empty()) {
    context.out << CheckMark(context.out_terminal) << ' ' << faults.path << " is right\n";
  }
  return 0;
}

int Show(Context& context, const Arguments& arguments, const Settings& settings) {
  for (const std::string& problem : settings.problems) Warn(context, problem);
  const User user = ThisUser(context.environment);
  Json::Object values;
  Table table({"KEY", "VALUE", "FROM"});
  for (const Setting& setting : AllSettings()) {
    const bool given = settings.Given(setting.flag.name);
    if (setting.flag_only() || (!setting.no_effect.empty() && !given)) continue;
    Json value = Effective(setting, settings, user);
    const std::string text = value.AsString() ? *value.AsString() : JsonText(value);
    const bool empty = value.IsNull() || (value.AsArray() && value.AsArray()->empty());
    table.Add({KeyOf(setting), empty ? "" : text, settings.Get(setting.flag.name).origin});
    if (!value.IsNull()) values.emplace_back(KeyOf(setting), std::move(value));
  }
  const Format format = FormatOf(arguments);
  context.out << (format == Format::kTable ? table.Text(context.out_terminal)
                                           : Rendered({std::move(values)}, format));
  return settings.problems.empty() ? 0 : 1;
}

int Config(Context& context, const Arguments& arguments) {
  const std::string what = arguments.names().empty() ? "" : arguments.names().front();
  if (what != "check" && what != "show") {
    return Failure(context, arguments, "invalid_argument", "say \"gpud config check\" or \"show\"");
  }
  const Settings settings = ReadSettings(arguments, context.environment);
  for (const std::string& warning : settings.warnings) Warn(context, warning);
  WarnOfComponents(context, settings);
  return what == "check" ? Check(context, arguments, settings) : Show(context, arguments, settings);
}

}  // namespace

extern constinit const Command kConfig{
    .name = "config",
    .group = Group::kRun,
    .summary = "check the configuration, or show what is in effect",
    .usage = "check|show",
    .about =
        "Options of \"gpud run\" win over variables (GPUD_LISTEN_ADDRESS), and these\n"
        "over the file (listen_address). \"check\" names every error with its line;\n"
        "\"show\" tells where each value comes from, and -o yaml writes such a file.",
    .examples =
        "gpud config check --config ./new.yaml\n"
        "gpud config show\n"
        "gpud config show -o yaml > new.yaml",
    .most_names = 1,
    .words = "check,show",
    .flags = [] { return AllOf(kFlags, kOutputFlags); },
    .run = Config,
};

}  // namespace gpud::cli
