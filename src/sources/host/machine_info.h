// SPDX-License-Identifier: Apache-2.0
// What GET /machine-info tells of this machine, from files and the interface list; no commands.
#pragma once

#include <string_view>

#include "model/machine_info.h"
#include "sources/source.h"

namespace gpud::host {

/// The first processor's maker and model, and how many there are. Error: kParse when none is told.
/// Source: proc_cpuinfo(5).
Result<CpuInfo> ParseCpuinfo(std::string_view text);

/// Facts of GPUs and container runtimes are left empty. May take some ms, and may hang with a local
/// disk: not for the loop thread. Remote file systems are listed without asking for their space.
/// Error: as ReadIdentity.
Result<MachineInfo> ReadMachineInfo(const Host& host);

}  // namespace gpud::host
