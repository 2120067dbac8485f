// SPDX-License-Identifier: Apache-2.0
// Command: one subcommand as data (its flags, help and examples) and the function that does it.
// One constant a file, cmd_NAME.cpp; the list is in commands.cpp.
#pragma once

#include <iosfwd>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/flag.h"
#include "cli/terminal.h"
#include "components/component.h"

namespace gpud::cli {

using Environment = std::map<std::string, std::string>;

/// All that a command may touch of the process it runs in.
struct Context {
  std::ostream& out;
  std::ostream& err;
  Terminal out_terminal;
  Terminal err_terminal;
  Environment environment;
  std::span<const ComponentType* const> components;
};

/// What was given on the command line, values checked already.
class Arguments {
 public:
  void Set(std::string_view flag, Json value) { flags_.insert_or_assign(flag, std::move(value)); }
  void AddName(std::string name) { names_.push_back(std::move(name)); }

  /// Null when the flag was not given.
  const Json* Find(std::string_view flag) const;
  bool On(std::string_view flag) const;  ///< false also when not given
  std::string Text(std::string_view flag, std::string_view otherwise = {}) const;
  /// The arguments that are no flags.
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::map<std::string_view, Json> flags_;  // keys are Flag::name, which are constants
  std::vector<std::string> names_;
};

struct Command;
/// Where a command stands in `gpud --help`.
enum class Group : unsigned char { kLook, kRun, kAct, kMore, kNotBuilt, kHidden };

struct Command {
  std::string_view name;
  std::string_view aliases;  ///< comma-separated
  Group group = Group::kMore;
  std::string_view summary;           ///< one line of the overview, below 60 characters
  std::string_view usage;             ///< what follows the options: "[NAMES]"
  std::string_view about;             ///< paragraphs of the command's own help; lines of at most 78
  std::string_view examples;          ///< lines "gpud ...   # why"
  std::size_t most_names = 0;         ///< arguments that are no flags
  bool completes_components = false;  ///< those are names of components
  std::string_view words;             ///< or one of these, comma-separated
  bool takes_anything = false;        ///< what follows is not looked at
  /// Besides the flags of every command (help, log level).
  std::vector<const Flag*> (*flags)() = [] { return std::vector<const Flag*>(); };
  int (*run)(Context&, const Arguments&) = nullptr;  ///< gives the exit code
};

/// Every command, in the order of the overview.
std::span<const Command* const> Commands();
/// By name or alias; null when there is none.
const Command* FindCommand(std::string_view name);
/// The command's own flags and those of every command.
std::vector<const Flag*> FlagsOf(const Command& command);

/// Pointers to all flags of some tables, for Command::flags.
template <std::size_t... N>
std::vector<const Flag*> AllOf(const Flag (&... tables)[N]) {
  std::vector<const Flag*> flags;
  const auto add = [&flags](const auto& table) {
    for (const Flag& flag : table) flags.push_back(&flag);
  };
  (add(tables), ...);
  return flags;
}

}  // namespace gpud::cli
