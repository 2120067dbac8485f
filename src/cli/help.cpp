// SPDX-License-Identifier: Apache-2.0
#include "cli/help.h"

#include <algorithm>

#include "cli/settings.h"
#include "platform/text.h"

namespace gpud::cli {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::string_view kIndent = "   ";
constexpr std::size_t kNameColumn = 23;  // where the sentences of the overview begin
constexpr std::size_t kHelpColumn = 31;  // where the sentences of a list of flags begin

void AppendWrapped(std::string& out, std::string_view text, std::size_t column) {
  bool first = true;
  for (const std::string& line : Wrapped(text, kWidth - column)) {
    if (!first) out.append(column, ' ');
    out += line + '\n';
    first = false;
  }
}

/// "name    sentence", the sentence in a line of its own when the name is too long.
void AppendEntry(std::string& out, const std::string& name, std::string_view sentence,
                 std::size_t column) {
  std::string line = std::string(kIndent) + name;
  if (line.size() + 2 > column) {
    out += line + '\n';
    line.clear();
  }
  out += line;
  out.append(column - line.size(), ' ');
  AppendWrapped(out, sentence, column);
}

void AppendBlock(std::string& out, std::string_view title, std::string_view text) {
  out += "\n" + std::string(title) + ":\n";
  std::string_view line;
  while (NextLine(text, line)) {
    if (!line.empty()) out.append(kIndent).append(line);
    out += '\n';
  }
}

std::string_view TitleOf(Group group) {
  switch (group) {
    case Group::kLook:
      return "Look";
    case Group::kRun:
      return "Run";
    case Group::kAct:
      return "Act";
    case Group::kMore:
      return "More";
    case Group::kNotBuilt:
      return "Of the original, not built yet";
    case Group::kHidden:
      return "";
  }
  return "";
}

std::string WithAliases(const Command& command) {
  std::string text(command.summary);
  if (command.aliases.empty()) return text;
  std::string aliases;
  for (const std::string_view alias : Split(command.aliases, ',')) {
    aliases += (aliases.empty() ? "" : ", ") + std::string(alias);
  }
  return text + " (or: " + aliases + ")";
}

std::string Spelling(const Flag& flag) {
  std::string text = flag.letter != 0 ? std::string("-") + flag.letter + ", --" : "    --";
  text += flag.name;
  if (!flag.value.empty()) text += ' ' + std::string(flag.value);
  return text;
}

const Setting* SettingOf(const Flag* flag) {
  const auto found = std::find_if(AllSettings().begin(), AllSettings().end(),
                                  [flag](const Setting& s) { return &s.flag == flag; });
  return found == AllSettings().end() ? nullptr : &*found;
}

}  // namespace

std::string Overview() {
  std::string out =
      "NAME:\n   gpud - GPU health checkers\n\n"
      "USAGE:\n   gpud [global options] COMMAND [options] [arguments]\n\n"
      "VERSION:\n   " GPUD_VERSION
      "\n\n"
      "DESCRIPTION:\n"
      "   GPU health checkers. \"gpud scan\" looks at this machine once; \"gpud run\"\n"
      "   watches it and answers over HTTPS and a Unix socket; most other commands ask\n"
      "   that daemon.\n\n"
      "COMMANDS:\n";
  for (const Group group : {Group::kLook, Group::kRun, Group::kAct, Group::kMore}) {
    out += "   " + std::string(TitleOf(group)) + '\n';
    for (const Command* command : Commands()) {
      if (command->group != group) continue;
      AppendEntry(out, "  " + std::string(command->name), WithAliases(*command), kNameColumn);
    }
  }
  std::string not_built;
  for (const Command* command : Commands()) {
    if (command->group == Group::kNotBuilt) {
      not_built += (not_built.empty() ? "" : ", ") + std::string(command->name);
    }
  }
  out += "   " + std::string(TitleOf(Group::kNotBuilt)) + "\n     ";
  AppendWrapped(out, not_built, 5);
  out +=
      "\nGLOBAL OPTIONS:\n"
      "   -h, --help          this text; \"gpud COMMAND --help\" has examples\n"
      "   -v, --version       the version\n\n"
      "EXIT CODES of scan --fail-on-unhealthy, status and health:\n"
      "   0 healthy, 1 unhealthy, 2 degraded, 3 no daemon, 4 cannot tell\n";
  return out;
}

std::string HelpOf(const Command& command) {
  std::string out = "NAME:\n" + std::string(kIndent);
  AppendWrapped(out, "gpud " + std::string(command.name) + " - " + WithAliases(command),
                kIndent.size());
  out += "\nUSAGE:\n" + std::string(kIndent) + "gpud " + std::string(command.name) + " [options]" +
         (command.usage.empty() ? "" : " " + std::string(command.usage)) + '\n';
  if (!command.about.empty()) AppendBlock(out, "DESCRIPTION", command.about);
  if (!command.examples.empty()) AppendBlock(out, "EXAMPLES", command.examples);
  out += "\nOPTIONS:\n";
  std::string without_effect;
  for (const Flag* flag : FlagsOf(command)) {
    if (flag->hidden) continue;
    const Setting* setting = SettingOf(flag);
    if (setting && !setting->no_effect.empty()) {
      without_effect += (without_effect.empty() ? "--" : ", --") + std::string(flag->name);
      continue;
    }
    std::string sentence(flag->help);
    if (setting && !setting->fallback.empty() && flag->kind != Kind::kSwitch) {
      sentence += " (default: " + std::string(setting->fallback) + ")";
    }
    AppendEntry(out, Spelling(*flag), sentence, kHelpColumn);
  }
  if (!without_effect.empty()) {
    out += "\nACCEPTED FOR COMPATIBILITY, WITHOUT EFFECT SO FAR:\n" + std::string(kIndent);
    AppendWrapped(out, without_effect, kIndent.size());
  }
  return out;
}

}  // namespace gpud::cli
