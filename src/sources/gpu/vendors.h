// SPDX-License-Identifier: Apache-2.0
// The vendors' own lists of processes, made alike. Who the processes are is not looked up here.
#pragma once

#include <span>

#include "sources/gpu/processes.h"

namespace gpud::gpu {

/// From nvml::Processes; MIG's names and minor numbers from nvml::Devices where it was read. A
/// process that a GPU lists twice (compute and graphics) is one.
void AddNvidia(const Inputs& vendors, Processes& all);

/// From drm::Clients, and for AMD's the kernel's KFD: the openings of one GPU by one process are
/// one. `gpus`: all of AMD's and Intel's.
void AddDrm(const Inputs& vendors, std::span<const Gpu> gpus, Processes& all);

}  // namespace gpud::gpu
