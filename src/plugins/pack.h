// SPDX-License-Identifier: Apache-2.0
// Pack: a folder of plugins for one kind of machine, with a manifest that says what they need.
// docs/plugins.md, "Packs".
#pragma once

#include <string>
#include <vector>

#include "platform/root.h"
#include "plugins/spec_file.h"

namespace gpud::plugins {

struct Pack {
  std::string name;  ///< the folder's
  std::string version, summary;
  std::string folder;
  std::vector<std::string> commands;  ///< programs that must be in PATH
  std::string vendor;                 ///< a word in the maker's name (DMI), in any case
  std::vector<Spec> specs;
};

struct Packs {
  std::vector<Pack> packs;          ///< by name; of a name in several folders the last one
  std::vector<std::string> errors;  ///< in the form of SpecFile
};

/// All packs below these folders, of which none need exist. The files of a pack must be such as
/// ReadTrusted takes. `taken`: names of components that they must not have.
Packs FindPacks(const std::vector<std::string>& folders,
                const std::vector<std::string>& taken = {});

/// What keeps a pack from being of use on this machine ("this is a machine of Dell Inc., the pack
/// is for Supermicro"); empty when there is nothing. `path`: of the programs.
std::string MissingNeed(const Pack& pack, const Root& machine, std::string_view path);

/// The names in a file of enabled packs, one a line; none when it does not exist. Errors as
/// ReadTrusted.
Result<std::vector<std::string>> ReadEnabledPacks(const std::string& file);
/// Writes it, sorted.
Result<void> WriteEnabledPacks(const std::string& file, std::vector<std::string> names);

}  // namespace gpud::plugins
