// SPDX-License-Identifier: Apache-2.0
// Links of PCI Express: is each as wide and fast as its device and its slot allow?
#pragma once

#include "components/findings.h"
#include "sources/sysfs/pci_express.h"

namespace gpud::pci {

/// What both ends could do: the lesser of the device and the port above it.
sysfs::PcieLink BestLink(const sysfs::PcieDevice& device);

/// Samples of each device; Degraded for a link with fewer lanes than both ends have, and for one of
/// an adapter or a disk that has fallen back by two generations. A GPU or its switch clocks its
/// link down while it idles, and firmware may limit a slot by one generation: neither is a fault.
void JudgeLinks(const sysfs::PcieDevices& devices, Report& report, Findings& findings);

}  // namespace gpud::pci
