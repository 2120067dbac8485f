// SPDX-License-Identifier: Apache-2.0
// What disks read and write, how long they take for it, and how much waits for them.
#pragma once

#include "model/inputs.h"
#include "model/report.h"
#include "sources/sysfs/block.h"

namespace gpud::disk {

/// Samples of what moves data in its own right: not of partitions (their disk counts it), nor of
/// disks in memory and files. Latencies and shares from the second reading on.
void AddIo(const Inputs& in, const sysfs::BlockDevices& devices, Report& report);

}  // namespace gpud::disk
