// SPDX-License-Identifier: Apache-2.0
#include "cli/fault_command.h"

#include <ostream>
#include <set>

#include "cli/fault_catalog_file.h"
#include "cli/fault_view.h"
#include "cli/output.h"

namespace gpud::cli {
namespace {

using Explanations = std::vector<catalog::Explanation>;

constexpr Flag kFlags[] = {
    {.name = "list", .kind = Kind::kSwitch, .help = "every code, a line each"},
    {.name = "search",
     .value = "WORD",
     .help = "those whose name, meaning, causes, log text or remark hold this"},
    {.name = "severity",
     .value = "WORD",
     .help = "only these in a list",
     .choices = "info,warning,critical,fatal"},
    {.name = "config",
     .value = "FILE",
     .help = "configuration file (default: /etc/gpud/config.yaml, if it exists)"},
    {.name = "fault-catalog",
     .value = "FILE",
     .help = "this site's own verdicts (default: /etc/gpud/fault-catalog.yaml, if it exists)"},
};

Explanations Matching(const FaultKind& kind, const catalog::Catalog& catalog, std::string_view word,
                      std::string_view severity) {
  std::set<std::uint32_t> codes;
  for (const std::uint32_t code : kind.codes()) codes.insert(code);
  for (const auto& [code, given] : kind.overrides(catalog.overlay())) codes.insert(code);
  Explanations found;
  for (const std::uint32_t code : codes) {
    auto fault = kind.explain(code, catalog);
    if (!fault || (!word.empty() && !Mentions(*fault, word))) continue;
    if (severity.empty() || fault->severity == severity) found.push_back(*std::move(fault));
  }
  return found;
}

Json AllJson(const Explanations& faults) {
  Json::Array array;
  for (const catalog::Explanation& fault : faults) array.push_back(FaultJson(fault));
  return {std::move(array)};
}

int List(Context& context, const Arguments& arguments, const FaultKind& kind,
         const catalog::Catalog& catalog) {
  const std::string word = arguments.Text("search");
  const Explanations found = Matching(kind, catalog, word, arguments.Text("severity"));
  if (found.empty()) {
    return Failure(context, arguments, "not_found",
                   "no " + std::string(kind.name) +
                       (word.empty() ? " is of that severity" : " says \"" + word + '"'));
  }
  const Format format = FormatOf(arguments);
  context.out << (format == Format::kTable ? FaultListText(found, context.out_terminal)
                                           : Rendered(AllJson(found), format));
  return 0;
}

std::string Unknown(const FaultKind& kind, const std::string& name) {
  const auto code = ParseNumber<std::uint32_t>(name);
  if (!code) return '"' + name + "\" is no code (a number); try --search " + name;
  std::string text = std::string(kind.name) + ' ' + name + " is not in the catalogue; ";
  if (kind.in_other(*code)) {
    return text + "it is an " + std::string(kind.other_name) + ": gpud " +
           std::string(kind.other_command) + ' ' + name;
  }
  return text + "\"gpud " + std::string(kind.command) + " --search WORD\" looks for words";
}

int Explain(Context& context, const Arguments& arguments, const FaultKind& kind,
            const catalog::Catalog& catalog, std::string_view site_file) {
  Explanations found;
  std::vector<std::string> unknown;
  for (const std::string& name : arguments.names()) {
    const auto code = ParseNumber<std::uint32_t>(name);
    auto fault = code ? kind.explain(*code, catalog) : std::nullopt;
    if (fault) {
      found.push_back(*std::move(fault));
    } else {
      unknown.push_back(Unknown(kind, name));
    }
  }
  if (const Format format = FormatOf(arguments); format != Format::kTable) {
    // One document: the answer or the error.
    if (unknown.empty()) context.out << Rendered(AllJson(found), format);
  } else {
    std::string_view gap;
    for (const catalog::Explanation& fault : found) {
      context.out << gap << FaultText(fault, site_file, context.out_terminal);
      gap = "\n";
    }
  }
  return unknown.empty() ? 0 : Failure(context, arguments, "not_found", unknown);
}

}  // namespace

std::vector<const Flag*> FaultFlags() { return AllOf(kFlags, kOutputFlags); }

int RunFaultCommand(Context& context, const Arguments& arguments, const FaultKind& kind) {
  const bool listing =
      arguments.On("list") || arguments.Find("search") || arguments.Find("severity");
  if (listing != arguments.names().empty()) {
    return Failure(context, arguments, "invalid_argument",
                   "give codes, or one of --list, --search and --severity; see gpud " +
                       std::string(kind.command) + " --help");
  }
  // Other problems of the configuration do not matter to somebody who only looks a code up.
  FaultCatalogFile site = ReadFaultCatalog(ReadSettings(arguments, context.environment));
  for (const std::string& problem : site.problems) Warn(context, problem);
  const catalog::Catalog catalog(std::move(site.overlay));
  return listing ? List(context, arguments, kind, catalog)
                 : Explain(context, arguments, kind, catalog, site.path);
}

}  // namespace gpud::cli
