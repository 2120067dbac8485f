// SPDX-License-Identifier: Apache-2.0
#include "components/bus_support.h"

#include "sources/sysfs/pci.h"

namespace gpud {

Support BusSupport(const Inputs& in, std::string_view what) {
  const auto& pci = in.Latest<sysfs::PciDevices>();
  if (pci && !pci->devices.empty()) return {};
  if (!in.OwnEvents().empty()) return {};
  return {false, "no device on a PCI bus, no " + std::string(what) + " in the log"};
}

}  // namespace gpud
