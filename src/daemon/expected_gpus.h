// SPDX-License-Identifier: Apache-2.0
// Which GPUs this machine is expected to have: what the administrator declares, else the best that
// was ever seen, kept in the store.
#pragma once

#include <string>

#include "model/inputs.h"
#include "model/inventory.h"
#include "sources/source.h"
#include "store/store.h"

namespace gpud::daemon {

class ExpectedGpus {
 public:
  /// The component that judges by it; "set healthy" on it forgets what was learned.
  static constexpr std::string_view kComponent = "gpu-inventory";

  /// Takes what earlier runs have learned.
  void Load(const store::Metadata& metadata);
  /// Takes the declaration of a JSON file. Errors: it cannot be read, or is none.
  Result<void> Declare(const std::string& path);

  const Expectation& expectation() const { return expectation_; }
  /// Whether the source tells of GPUs as Learn wants it.
  static bool IsToldBy(const SourceType& source);
  /// Learns from what is there now; what the store is to keep, empty when nothing is new.
  store::Metadata Learn(const Inputs& in);
  /// Forgets what was learned; what the store is to keep.
  store::Metadata Forget();

 private:
  store::Metadata Kept() const;

  Expectation expectation_;
};

}  // namespace gpud::daemon
