// SPDX-License-Identifier: Apache-2.0
// gpud packs: which packs of plugins there are, and which of them run.
#include <algorithm>
#include <ostream>

#include "cli/output.h"
#include "cli/settings.h"
#include "cli/table.h"
#include "plugins/pack.h"

namespace gpud::cli {
namespace {

constexpr Flag kFlags[] = {
    {.name = "pack-dirs", .kind = Kind::kList, .value = "LIST", .help = "folders with packs"},
    {.name = "enabled-packs-file", .value = "FILE", .help = "names of the packs that run"},
    {.name = "config", .value = "FILE", .help = "configuration file of the daemon"},
};

struct PackRow {
  std::string name, version, summary;
  bool enabled = false;
  std::string unsupported;
  std::vector<std::string> plugins;

  static constexpr auto Fields() {
    using R = PackRow;
    return std::tuple{Field{"name", &R::name},
                      Field{"version", &R::version},
                      Field{"summary", &R::summary},
                      Field{"enabled", &R::enabled},
                      Field{"unsupported", &R::unsupported, When::kNonEmpty},
                      Field{"plugins", &R::plugins}};
  }
};

bool Has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

int List(Context& context, const Arguments& arguments, const std::vector<plugins::Pack>& packs,
         const std::vector<std::string>& enabled, const Root& machine) {
  const auto path = context.environment.find("PATH");
  std::vector<PackRow> rows;
  for (const plugins::Pack& pack : packs) {
    PackRow& row = rows.emplace_back();
    row = {.name = pack.name,
           .version = pack.version,
           .summary = pack.summary,
           .enabled = Has(enabled, pack.name)};
    row.unsupported =
        plugins::MissingNeed(pack, machine, path == context.environment.end() ? "" : path->second);
    for (const plugins::Spec& spec : pack.specs) row.plugins.push_back(spec.plugin_name);
  }
  if (const Format format = FormatOf(arguments); format != Format::kTable) {
    context.out << Rendered(JsonOf(rows), format);
    return 0;
  }
  if (rows.empty()) {
    context.out << "No packs found\n";
    return 0;
  }
  Table table({"PACK", "VERSION", "ENABLED", "WHAT IT IS", "HERE"});
  for (const PackRow& row : rows) {
    table.Add({row.name, row.version, row.enabled ? "yes" : "no", row.summary,
               row.unsupported.empty() ? "of use" : row.unsupported});
  }
  context.out << table.Text(context.out_terminal);
  return 0;
}

int Packs(Context& context, const Arguments& arguments) {
  const Settings settings = ReadSettings(arguments, context.environment);
  if (!settings.problems.empty()) {
    return Failure(context, arguments, "invalid_configuration", settings.problems);
  }
  const std::string file = settings.Text("enabled-packs-file");
  auto enabled = plugins::ReadEnabledPacks(file);
  if (!enabled) return Failure(context, arguments, enabled.error());
  std::vector<std::string> taken;
  for (const ComponentType* component : context.components) taken.emplace_back(component->name);
  const plugins::Packs all = plugins::FindPacks(settings.List("pack-dirs"), taken);
  for (const std::string& error : all.errors) Warn(context, error);

  const auto& names = arguments.names();
  const std::string verb = names.empty() ? "list" : names[0];
  if (verb == "list" && names.size() < 2) {
    return List(context, arguments, all.packs, *enabled, Root(settings.Text("root")));
  }
  if (names.size() != 2 || (verb != "enable" && verb != "disable")) {
    return Failure(
        context, arguments, "invalid_argument",
        "it is \"gpud packs\", \"gpud packs enable NAME\" or \"gpud packs disable NAME\"");
  }
  const std::string& name = names[1];
  const bool there = std::any_of(all.packs.begin(), all.packs.end(),
                                 [&](const plugins::Pack& pack) { return pack.name == name; });
  if (verb == "enable" && !there) {
    return Failure(context, arguments, "not_found",
                   "there is no pack " + name + "; see gpud packs");
  }
  if (verb == "disable" && !Has(*enabled, name)) {
    return Failure(context, arguments, "not_found", "the pack " + name + " is not enabled");
  }
  std::erase(*enabled, name);
  if (verb == "enable") enabled->push_back(name);
  if (auto written = plugins::WriteEnabledPacks(file, *enabled); !written) {
    return Failure(context, arguments, written.error());
  }
  context.out << "pack " << OneLine(name) << ' ' << verb
              << "d; it takes effect when gpud is restarted\n";
  return 0;
}

}  // namespace

extern constinit const Command kPacks{
    .name = "packs",
    .group = Group::kMore,
    .summary = "packs of plugins: which there are, which run",
    .usage = "[enable|disable NAME]",
    .about =
        "Packs are looked for below /usr/share/gpud/packs and /etc/gpud/packs; the\n"
        "names of those that run are in /etc/gpud/packs.enabled. On a machine that a\n"
        "pack is not for, its components are there, unsupported, with the reason.",
    .examples =
        "gpud packs\n"
        "gpud packs enable nccl-check",
    .most_names = 2,
    .flags = [] { return AllOf(kFlags, kOutputFlags); },
    .run = Packs,
};

}  // namespace gpud::cli
