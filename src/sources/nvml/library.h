// SPDX-License-Identifier: Apache-2.0
// Library: NVML's shared library, found, loaded and asked for its functions one by one.
#pragma once

#include <memory>
#include <string>

#include "platform/root.h"
#include "sources/nvml/symbols.h"

namespace gpud::nvml {

/// Which file: GPUD_NVML_LIBRARY_PATH; else the first that exists below GPUD_NVIDIA_DRIVER_ROOT,
/// or below a root other than "/"; else "libnvidia-ml.so.1", for the loader to find. Error:
/// kUnsupported, there is none.
Result<std::string> LibraryPath(const Root& root);

class Library {
 public:
  /// Error: kUnsupported, there is no such library, or it cannot be loaded.
  static Result<std::unique_ptr<Library>> Load(const Root& root);

  /// Null when the library has none of its names.
  void* AddressOf(Symbol& symbol) const;

  const std::string& path() const { return path_; }
  /// The scenario's name of a simulated driver; empty with a real one.
  std::string Simulated() const;

  Symbols symbols;

 private:
  struct Close {
    void operator()(void* handle) const;
  };
  using Handle = std::unique_ptr<void, Close>;
  Library(Handle handle, std::string path) : path_(std::move(path)), handle_(std::move(handle)) {}

  std::string path_;
  Handle handle_;
};

}  // namespace gpud::nvml
