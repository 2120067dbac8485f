// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.h"

#include "cli/command.h"
#include "platform/text.h"

namespace gpud::cli {
namespace {

using Components = std::span<const ComponentType* const>;

std::string Blanks(std::string_view comma_separated) {
  std::string text(comma_separated);
  for (char& c : text) c = c == ',' ? ' ' : c;
  return text;
}

std::vector<const Command*> Shown() {
  std::vector<const Command*> shown;
  for (const Command* command : Commands()) {
    if (command->group != Group::kHidden) shown.push_back(command);
  }
  return shown;
}

std::vector<const Flag*> ShownFlags(const Command& command) {
  std::vector<const Flag*> flags = FlagsOf(command);
  std::erase_if(flags, [](const Flag* flag) { return flag->hidden; });
  return flags;
}

/// What may follow the command besides flags, separated by blanks.
std::string WordsOf(const Command& command, Components components) {
  if (!command.completes_components) return Blanks(command.words);
  std::string words;
  for (const ComponentType* component : components) {
    words += (words.empty() ? "" : " ") + std::string(component->name);
  }
  return words;
}

/// "scan|check|s": a pattern of a shell's case; with a suffix, each of them has it.
std::string Pattern(const Command& command, const std::string& suffix = {}) {
  std::string pattern = std::string(command.name) + suffix;
  if (command.aliases.empty()) return pattern;
  for (const std::string_view alias : Split(command.aliases, ',')) {
    pattern += '|' + std::string(alias) + suffix;
  }
  return pattern;
}

bool TakesFile(const Flag& flag) {
  return flag.value == "FILE" || flag.value == "DIR" || flag.value == "PATH";
}

/// Text within '...' of a POSIX shell.
std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + '\'';
}

/// Text within [...] of a zsh specification, itself within '...'.
std::string ZshText(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return out;
}

std::string ZshFlag(const Flag& flag) {
  std::string action;
  if (flag.kind != Kind::kSwitch) {
    action = ":" + std::string(flag.value) + ':';
    if (!flag.choices.empty()) action += '(' + Blanks(flag.choices) + ')';
    if (TakesFile(flag)) action += "_files";
  }
  const std::string text = '[' + ZshText(flag.help) + ']' + action + '\'';
  std::string out = " \\\n        '--" + std::string(flag.name) + text;
  if (flag.letter != 0) out += std::string(" \\\n        '-") + flag.letter + text;
  return out;
}

}  // namespace

std::string BashCompletion(Components components) {
  std::string names, flag_cases, word_cases, value_cases;
  for (const Command* command : Shown()) {
    names += (names.empty() ? "" : " ") + std::string(command->name);
    std::string flags;
    for (const Flag* flag : ShownFlags(*command)) {
      flags += (flags.empty() ? "--" : " --") + std::string(flag->name);
      if (!flag->choices.empty()) {
        std::string pattern = Pattern(*command, ":--" + std::string(flag->name));
        if (flag->letter != 0) pattern += '|' + Pattern(*command, std::string(":-") + flag->letter);
        value_cases += "    " + pattern + ") words=" + Quoted(Blanks(flag->choices)) + " ;;\n";
      }
    }
    flag_cases += "    " + Pattern(*command) + ") words=" + Quoted(flags) + " ;;\n";
    if (const std::string words = WordsOf(*command, components); !words.empty()) {
      word_cases += "    " + Pattern(*command) + ") words=" + Quoted(words) + " ;;\n";
    }
  }
  return "# bash completion of gpud: source it, or put it into\n"
         "# /usr/share/bash-completion/completions/gpud\n"
         "_gpud() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words=\n"
         "  if [[ $COMP_CWORD -eq 1 ]]; then\n"
         "    COMPREPLY=($(compgen -W '" +
         names +
         " help --help --version' -- \"$current\"))\n"
         "    return\n"
         "  fi\n"
         "  local command=${COMP_WORDS[1]}\n"
         "  case $command:$before in\n" +
         value_cases +
         "  esac\n"
         "  if [[ -z $words && $current == -* ]]; then\n"
         "    case $command in\n" +
         flag_cases +
         "    esac\n"
         "  elif [[ -z $words ]]; then\n"
         "    case $command in\n" +
         word_cases + "    help) words='" + names +
         "' ;;\n"
         "    esac\n"
         "  fi\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
         "}\n"
         "complete -o default -F _gpud gpud\n";
}

std::string ZshCompletion(Components components) {
  std::string names, cases;
  for (const Command* command : Shown()) {
    names += "    '" + std::string(command->name) + ':' + ZshText(command->summary) + "'\n";
    cases += "    " + Pattern(*command) + ")\n      _arguments";
    for (const Flag* flag : ShownFlags(*command)) cases += ZshFlag(*flag);
    if (const std::string words = WordsOf(*command, components); !words.empty()) {
      cases += " \\\n        '*:name:(" + words + ")'";
    }
    cases += " ;;\n";
  }
  return "#compdef gpud\n"
         "# zsh completion of gpud: put it into a folder of $fpath as _gpud\n"
         "_gpud() {\n"
         "  local -a commands=(\n" +
         names +
         "  )\n"
         "  if (( CURRENT == 2 )); then\n"
         "    _describe command commands\n"
         "    return\n"
         "  fi\n"
         "  local command=$words[2]\n"
         "  shift words\n"
         "  (( CURRENT-- ))\n"
         "  case $command in\n" +
         cases +
         "  esac\n"
         "}\n"
         "compdef _gpud gpud\n";
}

std::string FishCompletion(Components components) {
  std::string out =
      "# fish completion of gpud: put it into ~/.config/fish/completions/gpud.fish\n"
      "complete -c gpud -f\n";
  for (const Command* command : Shown()) {
    out += "complete -c gpud -n __fish_use_subcommand -a " + std::string(command->name) + " -d " +
           Quoted(command->summary) + '\n';
    std::string names = Pattern(*command);
    for (char& c : names) c = c == '|' ? ' ' : c;
    const std::string when =
        "complete -c gpud -n " + Quoted("__fish_seen_subcommand_from " + names);
    for (const Flag* flag : ShownFlags(*command)) {
      out += when + " -l " + std::string(flag->name);
      if (flag->letter != 0) out += std::string(" -s ") + flag->letter;
      if (flag->kind != Kind::kSwitch) out += TakesFile(*flag) ? " -r -F" : " -x";
      if (!flag->choices.empty()) out += " -a " + Quoted(Blanks(flag->choices));
      out += " -d " + Quoted(flag->help) + '\n';
    }
    if (const std::string words = WordsOf(*command, components); !words.empty()) {
      out += when + " -a " + Quoted(words) + '\n';
    }
  }
  return out;
}

}  // namespace gpud::cli
