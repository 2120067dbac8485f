// SPDX-License-Identifier: Apache-2.0
// The list of commands, in the order of the overview. A new one: its file and its lines here.
#include <algorithm>

#include "cli/command.h"
#include "platform/text.h"

namespace gpud::cli {

extern const Command kScan, kStatus, kHealth, kStates, kEvents, kMetrics, kPs, kMachineInfo;
extern const Command kXid, kSxid, kDecode, kSimulate;
extern const Command kRun, kConfig;
extern const Command kSetHealthy, kInjectFault, kRunPluginGroup, kCompact, kMetadata;
extern const Command kListPlugins, kCustomPlugins, kPacks, kCompletion, kVersion, kLane,
    kPluginRunner, kSimulatedMachine;
extern const Command kUp, kDown, kNotify, kUpdate, kRelease;

std::span<const Command* const> Commands() {
  static constexpr const Command* kAll[] = {
      &kScan,        &kStatus,        &kHealth,
      &kStates,      &kEvents,        &kMetrics,
      &kPs,          &kMachineInfo,   &kXid,
      &kSxid,        &kDecode,        &kSimulate,  // look
      &kRun,         &kConfig,                     // run
      &kSetHealthy,  &kInjectFault,   &kRunPluginGroup,
      &kCompact,     &kMetadata,  // act
      &kListPlugins, &kCustomPlugins, &kPacks,
      &kCompletion,  &kVersion,  // more
      &kUp,          &kDown,          &kNotify,
      &kUpdate,
      &kRelease,                                           // not built yet
      &kLane,        &kPluginRunner,  &kSimulatedMachine,  // hidden
  };
  return kAll;
}

const Command* FindCommand(std::string_view name) {
  for (const Command* command : Commands()) {
    if (command->name == name) return command;
    const auto aliases = Split(command->aliases, ',');
    if (!name.empty() && std::find(aliases.begin(), aliases.end(), name) != aliases.end()) {
      return command;
    }
  }
  return nullptr;
}

std::vector<const Flag*> FlagsOf(const Command& command) {
  static constexpr Flag kEverywhere[] = {
      {.name = "log-level",
       .letter = 'l',
       .kind = Kind::kLevel,
       .value = "LEVEL",
       .help = "debug, info, warn or error",
       .choices = "debug,info,warn,error"},
      {.name = "help", .letter = 'h', .kind = Kind::kSwitch, .help = "this text"},
  };
  std::vector<const Flag*> flags = command.flags();
  for (const Flag& flag : kEverywhere) {
    const bool own = std::any_of(flags.begin(), flags.end(),
                                 [&flag](const Flag* f) { return f->name == flag.name; });
    if (!own) flags.push_back(&flag);
  }
  return flags;
}

}  // namespace gpud::cli
