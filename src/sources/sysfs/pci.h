// SPDX-License-Identifier: Apache-2.0
// /sys/bus/pci/devices: which makers' devices are on the bus, and where GPUs, switches of GPUs and
// network cards sit.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sources/source.h"

namespace gpud::sysfs {

struct PciDevice {
  std::string address;             ///< "0000:19:00.0"
  std::uint32_t vendor = 0;        ///< PCI vendor id, 0x10de is NVIDIA
  std::uint32_t device_class = 0;  ///< 24 bits: 0x0302xx 3D controller, 0x0680xx bridge
  // Of display controllers, bridges of other kinds (NVSwitches) and network cards only:
  std::string driver;                     ///< of the kernel, that has taken it; empty: none
  std::optional<std::int32_t> numa_node;  ///< nothing where the firmware does not tell
  std::string path;  ///< "pci0000:15/0000:15:01.0/0000:19:00.0"; empty where not told

  bool operator==(const PciDevice&) const = default;
  static constexpr auto Fields() {
    using P = PciDevice;
    return std::tuple{Field{"address", &P::address},
                      Field{"vendor", &P::vendor},
                      Field{"device_class", &P::device_class},
                      Field{"driver", &P::driver, When::kNonEmpty},
                      Field{"numa_node", &P::numa_node, When::kNonEmpty},
                      Field{"path", &P::path, When::kNonEmpty}};
  }
};

/// A display controller of any kind (PCI base class 03), the one of a BMC too: ask for the maker.
inline bool IsGpu(const PciDevice& device) { return device.device_class >> 16 == 0x03; }

/// An Ethernet, InfiniBand or other network card.
inline bool IsNetworkCard(const PciDevice& device) { return device.device_class >> 16 == 0x02; }
/// What NVSwitches are; ask for the maker.
inline bool IsOtherBridge(const PciDevice& device) { return device.device_class >> 8 == 0x0680; }

inline constexpr std::uint32_t kNvidiaVendor = 0x10de;

struct PciDevices {
  std::vector<PciDevice> devices;

  static constexpr auto Fields() { return std::tuple{Field{"devices", &PciDevices::devices}}; }
};

/// Error in place of the snapshot: kUnsupported when the machine has no PCI bus.
/// Source: Documentation/ABI/testing/sysfs-bus-pci.
extern const SourceType kPci;

}  // namespace gpud::sysfs
