// SPDX-License-Identifier: Apache-2.0
#include "cli/parse.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace gpud::cli {
namespace {

const Flag* FindFlag(const std::vector<const Flag*>& flags, std::string_view name) {
  const auto found = std::find_if(flags.begin(), flags.end(), [name](const Flag* flag) {
    return flag->name == name || (!name.empty() && flag->alias == name) ||
           (name.size() == 1 && flag->letter == name.front());
  });
  return found == flags.end() ? nullptr : *found;
}

std::string Unexpected(const std::vector<const Flag*>& flags, const std::string& word) {
  if (!word.starts_with('-')) return "unexpected argument: " + word;
  const std::size_t start = word.find_first_not_of('-');
  const std::string name = word.substr(std::min(start, word.size()), word.find('=') - start);
  std::string names;
  for (const Flag* flag : flags) {
    if (!flag->hidden) names += (names.empty() ? "" : ",") + std::string(flag->name);
  }
  const std::string_view near = ClosestWord(name, names);
  return "flag provided but not defined: " + word.substr(0, word.find('=')) +
         (near.empty() ? "" : " (did you mean --" + std::string(near) + "?)");
}

/// What CLI11 took for no flag of ours: names, and flags that do not exist.
void TakeRemaining(const Command& command, const std::vector<const Flag*>& flags,
                   const std::vector<std::string>& words, Parsed& parsed) {
  bool only_names = false;  // behind "--"
  for (const std::string& word : words) {
    const bool name = only_names || word.size() < 2 || !word.starts_with('-');
    if (!only_names && word == "--") {
      only_names = true;
    } else if (name && parsed.arguments.names().size() < command.most_names) {
      parsed.arguments.AddName(word);
    } else {
      parsed.usage_error = Unexpected(flags, word);
      return;
    }
  }
}

std::string NamesFor(const Flag& flag) {
  std::string names = "--" + std::string(flag.name);
  if (flag.letter != 0) names += std::string(",-") + flag.letter;
  if (!flag.alias.empty()) names += ",--" + std::string(flag.alias);
  return names;
}

}  // namespace

std::vector<std::string> GnuSpelling(const std::vector<const Flag*>& flags,
                                     const std::vector<std::string>& words) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--") {
      out.insert(out.end(), words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
      break;
    }
    const std::size_t equals = word.find('=');
    const std::size_t dashes = word.starts_with("--") ? 2 : word.starts_with('-') ? 1 : 0;
    const std::string name = word.substr(dashes, equals - dashes);
    const Flag* flag = dashes == 0 ? nullptr : FindFlag(flags, name);
    const bool letter_alone = name.size() == 1 && equals == std::string::npos;
    if (!flag || (dashes == 2 && name.size() == 1)) {
      out.push_back(word);
      continue;
    }
    if (equals == std::string::npos) {
      out.push_back(letter_alone ? word : "--" + name);
      const bool takes_next = flag->kind != Kind::kSwitch && i + 1 < words.size();
      if (takes_next) out.push_back(words[++i]);
    } else {
      const std::string value = word.substr(equals + 1);
      out.push_back("--" + std::string(flag->name) + '=' + (value.empty() ? "\"\"" : value));
    }
  }
  return out;
}

Parsed Parse(const Command& command, const std::vector<std::string>& words) {
  Parsed parsed;
  const std::vector<const Flag*> flags = FlagsOf(command);
  try {
    CLI::App app;
    app.set_help_flag();
    app.allow_extras();
    std::vector<CLI::Option*> options;
    for (const Flag* flag : flags) {
      CLI::Option* option = flag->kind == Kind::kSwitch
                                ? app.add_flag(NamesFor(*flag))
                                : app.add_option(NamesFor(*flag))->expected(1);
      options.push_back(option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast));
    }
    std::vector<std::string> reversed = GnuSpelling(flags, words);
    std::reverse(reversed.begin(), reversed.end());  // CLI11 takes its words from the back
    app.parse(std::move(reversed));

    for (std::size_t i = 0; i < flags.size(); ++i) {
      if (options[i]->results().empty()) continue;
      const std::string& text = options[i]->results().back();
      auto value = ParseValue(*flags[i], text);
      if (value) {
        parsed.arguments.Set(flags[i]->name, *std::move(value));
      } else if (flags[i]->kind == Kind::kLevel) {
        parsed.level_error = value.error().what;
      } else if (parsed.usage_error.empty()) {
        parsed.usage_error =
            "invalid value for --" + std::string(flags[i]->name) + ": " + value.error().what;
      }
    }
    TakeRemaining(command, flags, app.remaining(), parsed);
  } catch (const CLI::ParseError& problem) {
    parsed.usage_error = problem.what();
  } catch (const std::exception& problem) {
    parsed.usage_error = problem.what();
  }
  return parsed;
}

}  // namespace gpud::cli
