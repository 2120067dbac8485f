// SPDX-License-Identifier: Apache-2.0
// ScriptFile: a script as a file that bash can be given.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "platform/result.h"
#include "platform/unique_fd.h"

namespace gpud::plugins {

/// "TMPDIR/gpud-PID-*.bash", removed with its owner; where that cannot be written (a full disk), a
/// file in memory.
class ScriptFile {
 public:
  /// `owner`: who must be able to read it.
  static Result<ScriptFile> Make(std::string_view script, uid_t owner, gid_t group);
  ScriptFile(ScriptFile&& other) noexcept
      : path_(std::exchange(other.path_, {})), memory_(std::move(other.memory_)) {}
  ScriptFile& operator=(ScriptFile&&) = delete;
  ~ScriptFile();

  /// Also in the child, as its descriptor `in_memory()` is kept open there.
  std::string path() const;
  /// The descriptor that exec must not close, or -1.
  int in_memory() const { return memory_.get(); }

 private:
  ScriptFile() = default;

  std::string path_;
  UniqueFd memory_;
};

/// Removes the files of processes that are no more: they were killed before they could.
void SweepScriptFiles();

}  // namespace gpud::plugins
