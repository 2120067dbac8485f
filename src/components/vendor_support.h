// SPDX-License-Identifier: Apache-2.0
// Whether a maker's devices are in this machine, for components of such devices.
#pragma once

#include "components/component.h"
#include "sources/procfs/modules.h"
#include "sources/sysfs/pci.h"

namespace gpud {

struct Vendor {
  std::string_view name;    ///< "NVIDIA"
  std::uint32_t pci_id;     ///< 0x10de
  std::string_view module;  ///< of the kernel: "nvidia"
};
inline constexpr Vendor kNvidia{"NVIDIA", sysfs::kNvidiaVendor, "nvidia"};

/// A GPU that NVIDIA's driver is to list: not one that another driver has taken (for a virtual
/// machine), nor a display adapter that it may be too new for.
bool IsNvidiasToDrive(const sysfs::PciDevice& device);

/// What VendorSupport looks at, for ComponentType::needs.
inline constexpr const SourceType* kVendorNeeds[] = {&sysfs::kPci, &procfs::kModules};

/// Supported where a device of the vendor's is on the PCI bus, its kernel module is loaded, or the
/// component has events of its own. `what`: what the log would hold, "Xid".
Support VendorSupport(const Inputs& in, const Vendor& vendor, std::string_view what);

}  // namespace gpud
