// SPDX-License-Identifier: Apache-2.0
// The daemon: the only place where everything meets.
#pragma once

#include <span>

#include "components/component.h"
#include "daemon/options.h"
#include "model/machine_info.h"
#include "model/status.h"

namespace gpud::daemon {

/// Runs until SIGTERM or SIGINT. Returns the exit code. Error: what kept it from starting.
Result<int> Run(const Options& options, std::span<const ComponentType* const> components);

/// One pass over everything, without a daemon and without a store.
struct ScanResult {
  MachineInfo machine;
  std::vector<ComponentStatus> components;  ///< sorted by name
  std::vector<Event> events;                ///< found in the kernel's log, newest first
  std::vector<SelfFinding> findings;        ///< what could not be checked, and why
};
ScanResult Scan(const Options& options, std::span<const ComponentType* const> components);

/// What --components leaves of the registry; names that do not exist are logged.
std::vector<const ComponentType*> Enabled(const Options& options,
                                          std::span<const ComponentType* const> components);

/// Every source that the components need, each once.
std::vector<const SourceType*> NeedsOf(std::span<const ComponentType* const> components);
/// Those and the machine's own identity: all that a lane may be asked for.
std::vector<const SourceType*> SourcesOf(std::span<const ComponentType* const> components);

}  // namespace gpud::daemon
