// SPDX-License-Identifier: Apache-2.0
#include "sources/sysfs/pci.h"

#include "platform/text.h"
#include "sources/sysfs/value_file.h"

namespace gpud::sysfs {
namespace {

/// Where it sits and who drives it. Source: Documentation/ABI/testing/sysfs-bus-pci.
void ReadPlace(const Root& root, const std::string& path, PciDevice& device) {
  if (const auto driver = root.ReadLink(path + "/driver")) {
    device.driver = driver->substr(driver->rfind('/') + 1);
  }
  if (const auto node = ReadText(root, path + "/numa_node")) {
    const auto number = ParseNumber<std::int32_t>(*node);
    if (number && *number >= 0) device.numa_node = number;
  }
  if (const auto link = root.ReadLink(path)) {
    const std::size_t start = link->find("/pci");
    if (start != std::string::npos) device.path = link->substr(start + 1);
  }
}

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
    PciDevice& device = pci.devices.emplace_back();
    device.address = address;
    device.vendor = static_cast<std::uint32_t>(*vendor);
    device.device_class = static_cast<std::uint32_t>(*device_class);
    if (IsGpu(device) || IsNetworkCard(device) || IsOtherBridge(device)) {
      ReadPlace(root, path, device);
    }
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
