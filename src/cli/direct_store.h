// SPDX-License-Identifier: Apache-2.0
// DirectStore: the database of a data directory, for care of it while no daemon runs. Holds the
// directory's lock, so that none can start meanwhile.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/store.h"

namespace gpud::cli {

class DirectStore {
 public:
  /// Errors: kNotFound when there is no database (nothing is created); what the lock says.
  static Result<DirectStore> Open(const std::string& data_dir);
  DirectStore(DirectStore&&) noexcept;
  ~DirectStore();

  Result<store::Metadata> ReadMetadata();
  Result<void> PutMetadata(const std::string& key, const std::string& value);
  /// Newest first.
  Result<std::vector<Event>> ReadEvents(const std::string& component);
  Result<void> Compact();

 private:
  struct Impl;
  explicit DirectStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace gpud::cli
