// SPDX-License-Identifier: Apache-2.0
// The readings of an open driver: one sweep over its GPUs each. They never fail as a whole; what
// does not answer has its error in its place.
#pragma once

#include "sources/nvml/activity.h"
#include "sources/nvml/devices.h"
#include "sources/nvml/driver.h"
#include "sources/nvml/errors.h"
#include "sources/nvml/processes.h"

namespace gpud::nvml {

Devices ReadDevices(Driver& driver, const Host& host);
Activity ReadActivity(Driver& driver, const Host& host);
Errors ReadErrors(Driver& driver, const Host& host);
Processes ReadProcesses(Driver& driver, const Host& host);

// Parts of them.
Result<std::vector<MigInstance>> ReadMigInstances(Gpu& gpu, unsigned most);
Result<Fabric> ReadFabric(Gpu& gpu);
Result<Gpm> ReadGpm(Gpu& gpu);
Result<std::vector<Link>> ReadLinks(Gpu& gpu, bool& changed);
/// Into `vol` and `aggregate`, and whether the SRAM's threshold is exceeded.
void ReadEcc(Gpu& gpu, GpuErrors& into);
std::vector<XidEvent> TakeXids(Driver& driver, const Host& host);

}  // namespace gpud::nvml
