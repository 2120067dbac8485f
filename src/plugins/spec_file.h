// SPDX-License-Identifier: Apache-2.0
// SpecFile: the file of plugins, read, expanded and judged: what is right, and all that is wrong at
// once with its line and key. docs/plugins.md.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/result.h"
#include "plugins/spec.h"

namespace gpud::plugins {

struct SpecFile {
  std::vector<Spec> specs;            ///< those without an error, in the order of the file
  std::vector<std::string> errors;    ///< `FILE:LINE: plugin "NAME": KEY: what is wrong`
  std::vector<std::string> warnings;  ///< in the same form: keys that mean nothing, and the like
};

/// Reads a file that root can trust. Error: kNotFound, kPermission, kIo: it cannot be read, or
/// anyone else than root (or than who runs gpud) could have written it: then with the command that
/// mends it.
Result<std::string> ReadTrusted(const std::string& path);

/// How a `component_list_file` is read.
using ReadFile = std::function<Result<std::string>(const std::string& path)>;

/// `name`: of the file, for messages. `taken`: names of components that a plugin must not have.
SpecFile ParseSpecs(const std::string& name, std::string_view text,
                    const ReadFile& read = ReadTrusted, const std::vector<std::string>& taken = {});

/// An entry of `component_list`: "NAME#MODE[TAG,TAG]:PARAMETER".
struct ListEntry {
  std::string name, run_mode, parameter;
  std::optional<std::vector<std::string>> tags;  ///< nothing: those of the list's plugin
};
/// Error: kParse, in the words of the original.
Result<ListEntry> ParseListEntry(std::string_view text);

}  // namespace gpud::plugins
