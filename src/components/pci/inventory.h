// SPDX-License-Identifier: Apache-2.0
// Which adapters, switches and disks were there: one that is gone is told, also across a reboot.
#pragma once

#include "components/findings.h"
#include "model/inputs.h"
#include "sources/sysfs/pci_express.h"

namespace gpud::pci {

/// Compares the devices (but for GPUs, which gpu-inventory looks after) with those that were there
/// before, by kind of hardware, as addresses may be given anew at a boot. Degraded while fewer of a
/// kind are there.
///
/// Remembers by events: `pci_inventory` (Info) with all devices, told when something is new and
/// again before it grows too old to be kept; `pci_device_missing` (Critical), once. "Set healthy"
/// makes what is there now the measure.
void JudgeInventory(const Inputs& in, const sysfs::PcieDevices& devices, Report& report,
                    Findings& findings);

}  // namespace gpud::pci
