// SPDX-License-Identifier: Apache-2.0
// Faults of the simulated driver, switched under a running process: the file GPUD_SIM_FAULTS is
// read again whenever it changes. One fault a line ("#" begins a comment):
//   gpu N|* lost|requires-reset|missing        missing: not listed from the next nvmlInit on
//   call NAME|GLOB [gpu N] WHAT                 WHAT: hang | delay SECONDS | abort | crash | ERROR
//   init WHAT                                   of nvmlInit, e.g. version-mismatch, no-permission
//   missing NAME|GLOB                           as a driver that lacks the function
// ERROR is not-supported, unknown, timeout, no-permission, ... (faults.cpp) or a number of
// nvmlReturn_t. A call that hangs comes back once its line is gone.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "platform/result.h"
#include "sources/nvml/abi/base.h"

namespace gpud::sim_nvml {

using namespace nvml_abi;

enum class Effect : std::uint8_t { kAnswer, kHang, kDelay, kAbort, kCrash };

struct CallFault {
  std::string pattern;  ///< of function names
  int gpu = -1;         ///< -1: every GPU, and calls without one
  Effect effect = Effect::kAnswer;
  nvmlReturn_t answer = NVML_SUCCESS;
  double seconds = 0;
};

enum class GpuFault : std::uint8_t { kNone, kLost, kRequiresReset, kMissing };

struct Faults {
  std::vector<CallFault> calls;                ///< the first that matches counts
  std::vector<std::pair<int, GpuFault>> gpus;  ///< -1: every GPU

  const CallFault* OfCall(const std::string& name, int gpu) const;
  GpuFault OfGpu(int gpu) const;
};

/// Error: kParse, "LINE: what is wrong", every mistake; the other lines are in `into`.
Result<void> ParseFaults(std::string_view text, Faults& into);

/// The faults of now. Safe to use from several threads.
class FaultFile {
 public:
  /// `path` "": no faults, ever.
  explicit FaultFile(std::string path) : path_(std::move(path)) {}

  std::shared_ptr<const Faults> Now();
  /// Those that Now gave last: without another look at the file.
  std::shared_ptr<const Faults> Latest();

 private:
  /// What changes with the file.
  struct Stamp {
    std::int64_t seconds = 0, nanoseconds = 0, size = 0;
    std::uint64_t inode = 0;

    bool operator==(const Stamp&) const = default;
  };

  std::string path_;
  std::mutex mutex_;  ///< of what follows
  Stamp seen_;
  std::shared_ptr<const Faults> faults_ = std::make_shared<Faults>();
};

}  // namespace gpud::sim_nvml
