// SPDX-License-Identifier: Apache-2.0
// Folder: a tree as real files. Each file is replaced as a whole, and only when it has changed.
#pragma once

#include <string>

#include "machine/tree.h"
#include "platform/result.h"

namespace gpud::sim_machine {

class Folder {
 public:
  /// `path` exists. Nothing but what is put here is touched in it.
  explicit Folder(std::string path) : path_(std::move(path)) {}

  /// Makes the folder's files those of `tree`. Error: kIo ... of the first file that cannot be
  /// written; what is right then is not known.
  Result<void> Put(Tree tree);

 private:
  Result<void> Write(const std::string& path, const std::string& text);
  Result<void> Link(const std::string& path, const std::string& target);
  void Remove(const std::string& path);

  std::string path_;
  Tree now_;
};

}  // namespace gpud::sim_machine
