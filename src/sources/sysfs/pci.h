// SPDX-License-Identifier: Apache-2.0
// /sys/bus/pci/devices: which makers' devices are on the bus.
#pragma once

#include <string>
#include <vector>

#include "sources/source.h"

namespace gpud::sysfs {

struct PciDevice {
  std::string address;             ///< "0000:19:00.0"
  std::uint32_t vendor = 0;        ///< PCI vendor id, 0x10de is NVIDIA
  std::uint32_t device_class = 0;  ///< 24 bits: 0x0302xx 3D controller, 0x0680xx bridge

  bool operator==(const PciDevice&) const = default;
  static constexpr auto Fields() {
    using P = PciDevice;
    return std::tuple{Field{"address", &P::address}, Field{"vendor", &P::vendor},
                      Field{"device_class", &P::device_class}};
  }
};

/// A display controller of any kind (PCI base class 03), the one of a BMC too: ask for the maker.
inline bool IsGpu(const PciDevice& device) { return device.device_class >> 16 == 0x03; }

inline constexpr std::uint32_t kNvidiaVendor = 0x10de;

struct PciDevices {
  std::vector<PciDevice> devices;

  static constexpr auto Fields() { return std::tuple{Field{"devices", &PciDevices::devices}}; }
};

/// Error in place of the snapshot: kUnsupported when the machine has no PCI bus.
/// Source: Documentation/ABI/testing/sysfs-bus-pci.
extern const SourceType kPci;

}  // namespace gpud::sysfs
