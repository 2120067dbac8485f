// SPDX-License-Identifier: Apache-2.0
#include "sources/sysfs/pci.h"

#include "sources/sysfs/value_file.h"

namespace gpud::sysfs {
namespace {

Result<PciDevices> ReadPci(const Root& root) {
  const std::string folder = "/sys/bus/pci/devices";
  const auto addresses = root.List(folder);
  if (!addresses) {
    if (addresses.error().code != ErrorCode::kNotFound) return Pass(addresses, "PCI");
    return Fail(ErrorCode::kUnsupported, folder + ": this machine has no PCI bus");
  }
  PciDevices pci;
  for (const std::string& address : *addresses) {
    const std::string path = folder + "/" + address;
    const auto vendor = ReadUnsigned(root, path + "/vendor");
    const auto device_class = ReadUnsigned(root, path + "/class");
    if (!vendor || !device_class) continue;  // unplugged while we looked
    pci.devices.push_back(
        {address, static_cast<std::uint32_t>(*vendor), static_cast<std::uint32_t>(*device_class)});
  }
  return pci;
}

}  // namespace

constinit const SourceType kPci{
    .name = "sysfs/pci",
    .snapshot = &kSnapshot<PciDevices>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadPci(host.root)); },
};

}  // namespace gpud::sysfs
