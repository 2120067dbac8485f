// SPDX-License-Identifier: Apache-2.0
// /sys/class/drm: the graphics cards that a kernel driver drives, and those on the PCI bus that
// none does.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/fields.h"
#include "platform/root.h"

namespace gpud::drm {

inline constexpr std::uint32_t kAmdVendor = 0x1002, kIntelVendor = 0x8086;

/// Where Intel's processors have the GPU that is in them. AMD's are known by their gpu_metrics.
inline constexpr std::string_view kIntegratedIntel = "0000:00:02.0";

/// One card, by its name in /sys/class/drm.
struct Card {
  std::string name;                  ///< "card0"
  std::vector<std::string> on_path;  ///< PCI addresses from the root port down to the card's own
  std::string folder;                ///< of the PCI device, "/sys/class/drm/card0/device/"
  std::uint32_t device_id = 0;       ///< PCI device id
  std::string driver;                ///< "amdgpu", "i915", "xe"
  /// Runtime power management has suspended it: most reads of its files would wake it.
  bool asleep = false;

  const std::string& bus_id() const { return on_path.back(); }
};

/// A GPU on the PCI bus that has no card.
struct Undriven {
  std::string bus_id;
  std::uint32_t device_id = 0;
  std::uint32_t device_class =
      0;               ///< 24 bits: 0x0300xx with display, 0x0380xx and 0x1200xx without
  std::string driver;  ///< what it is bound to ("vfio-pci"); empty: nothing
  static constexpr auto Fields() {
    using U = Undriven;
    return std::tuple{Field{"bus_id", &U::bus_id}, Field{"device_id", &U::device_id},
                      Field{"device_class", &U::device_class}, Field{"driver", &U::driver}};
  }
};

struct Cards {
  std::vector<Card>
      cards;  ///< by name; partitions of a GPU, which are no PCI devices, are left out
  std::vector<Undriven> undriven;
};

/// The GPUs of one maker. Errors: kUnsupported when the machine has none; else as Root::List.
/// Source: Documentation/ABI/testing/sysfs-bus-pci, Documentation/power/runtime_pm.rst.
Result<Cards> ListCards(const Root& root, std::uint32_t vendor);

/// The PCI addresses in a path of sysfs, in its order.
std::vector<std::string> PciAddressesIn(std::string_view path);

/// True for a GPU without display outputs that is a board of its own: a machine has it for
/// computing, not for a console.
bool IsForComputing(const Undriven& gpu);

}  // namespace gpud::drm
