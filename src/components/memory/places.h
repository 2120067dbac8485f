// SPDX-License-Identifier: Apache-2.0
// Where memory is and what it is set aside for: NUMA nodes, huge pages, /dev/shm.
#pragma once

#include "components/findings.h"
#include "model/inputs.h"
#include "sources/host/shared_memory.h"
#include "sources/procfs/meminfo.h"
#include "sources/sysfs/numa.h"

namespace gpud::memory {

void AddHugePages(const procfs::Meminfo& memory, Report& report);
/// Memory and traffic of each node; nothing on a machine with one.
void AddNodes(const sysfs::Numa& numa, Report& report);
/// Degraded when it is full: the next program that writes to it is killed.
void JudgeSharedMemory(const host::SharedMemory& shared, Report& report, Findings& findings);

}  // namespace gpud::memory
