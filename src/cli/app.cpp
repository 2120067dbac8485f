// SPDX-License-Identifier: Apache-2.0
// From argv to a command and an exit code (specs: docs/compatibility.md, "Command line").
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/output.h"
#include "cli/parse.h"

extern char** environ;

namespace gpud::cli {
namespace {

constexpr int kUnknownCommand = 3;

Environment ReadEnvironment() {
  Environment environment;
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

int NoHelpTopic(Context& context, const std::string& word) {
  std::string names;
  for (const Command* command : Commands()) {
    if (command->group != Group::kHidden) {
      names += (names.empty() ? "" : ",") + std::string(command->name);
    }
  }
  const std::string_view near = ClosestWord(word, names);
  context.err << "No help topic for '" << OneLine(word) << "'\n";
  if (!near.empty()) context.err << "Did you mean 'gpud " << near << "'?\n";
  return kUnknownCommand;
}

int IncorrectUsage(Context& context, const std::string& what, const std::string& help) {
  context.out << "Incorrect Usage: " << OneLine(what) << "\n\n" << help << std::flush;
  context.err << CrossMark(context.err_terminal) << ' ' << OneLine(what) << '\n';
  return 1;
}

int Help(Context& context, const std::vector<std::string>& words) {
  if (words.size() < 2) {
    context.out << Overview();
    return 0;
  }
  const Command* command = FindCommand(words[1]);
  if (!command) return NoHelpTopic(context, words[1]);
  context.out << HelpOf(*command);
  return 0;
}

int Dispatch(Context& context, const std::vector<std::string>& words) {
  const std::string first = words.empty() ? "help" : words[0];
  if (first == "--help" || first == "-help" || first == "-h" || first == "help" || first == "h") {
    return Help(context, words);
  }
  if (first == "--version" || first == "-version" || first == "-v") {
    context.out << "gpud version " GPUD_VERSION "\n";
    return 0;
  }
  if (first.starts_with('-')) {
    return IncorrectUsage(context, "flag provided but not defined: " + first, Overview());
  }
  const Command* command = FindCommand(first);
  if (!command) return NoHelpTopic(context, first);

  if (command->takes_anything) {
    const bool help = std::any_of(words.begin(), words.end(), [](const std::string& word) {
      return word == "-h" || word == "--help" || word == "-help";
    });
    return help ? Help(context, {"help", first}) : command->run(context, {});
  }

  const Parsed parsed = Parse(*command, {words.begin() + 1, words.end()});
  if (parsed.arguments.On("help")) {
    context.out << HelpOf(*command);
    return 0;
  }
  if (!parsed.usage_error.empty()) {
    return IncorrectUsage(context, parsed.usage_error, HelpOf(*command));
  }
  if (!parsed.level_error.empty()) {
    return Failure(context, parsed.arguments, "invalid_log_level", parsed.level_error);
  }
  return command->run(context, parsed.arguments);
}

}  // namespace

int Main(int argc, char** argv, std::span<const ComponentType* const> components) {
  std::ios::sync_with_stdio(false);
  const Environment environment = ReadEnvironment();
  Context context{.out = std::cout,
                  .err = std::cerr,
                  .out_terminal = TerminalOf(STDOUT_FILENO, environment),
                  .err_terminal = TerminalOf(STDERR_FILENO, environment),
                  .environment = environment,
                  .components = components};
  try {
    const int code = Dispatch(context, {argv + std::min(argc, 1), argv + argc});
    context.out.flush();
    return code;
  } catch (const std::exception& problem) {  // a bug, or out of memory
    context.err << CrossMark(context.err_terminal) << " internal error: " << problem.what() << '\n';
    return 1;
  }
}

}  // namespace gpud::cli
