// SPDX-License-Identifier: Apache-2.0
#include "components/vendor_support.h"

#include <algorithm>

namespace gpud {

bool IsNvidiasToDrive(const sysfs::PciDevice& device) {
  constexpr std::uint32_t kController3d = 0x0302;
  return device.vendor == sysfs::kNvidiaVendor && sysfs::IsGpu(device) &&
         (device.driver == "nvidia" ||
          (device.driver.empty() && device.device_class >> 8 == kController3d));
}

Support VendorSupport(const Inputs& in, const Vendor& vendor, std::string_view what) {
  const auto& pci = in.Latest<sysfs::PciDevices>();
  if (pci && std::any_of(pci->devices.begin(), pci->devices.end(),
                         [&](const auto& device) { return device.vendor == vendor.pci_id; })) {
    return {};
  }
  const auto& modules = in.Latest<procfs::Modules>();
  if (modules && modules->Has(vendor.module)) return {};
  if (!in.OwnEvents().empty()) return {};
  return {false, "no " + std::string(vendor.name) + " device on the PCI bus, module " +
                     std::string(vendor.module) + " not loaded, no " + std::string(what) +
                     " in the log"};
}

}  // namespace gpud
