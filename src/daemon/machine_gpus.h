// SPDX-License-Identifier: Apache-2.0
// The GPUs of the machine's identity: what the drivers list, and what the PCI bus has besides.
#pragma once

#include "model/inputs.h"
#include "model/machine_info.h"
#include "sources/source.h"

namespace gpud::daemon {

/// What DescribeGpus looks at.
extern const std::span<const SourceType* const> kGpuSources;
bool TellsOfGpus(const SourceType& source);

/// Fills in what the snapshots tell of GPUs and their drivers; without a good one nothing changes.
/// A GPU that is on the bus but in no driver's list, and one that no longer answers, is listed with
/// its problem.
void DescribeGpus(const Inputs& in, MachineInfo& machine);

}  // namespace gpud::daemon
