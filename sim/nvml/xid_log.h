// SPDX-License-Identifier: Apache-2.0
// What the kernel log of the scenario says about a GPU, and the GPU's PCI address in the forms that
// the log and NVML use.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "nvml/gpu.h"

namespace gpud::sim_nvml {

struct PciAddress {
  unsigned domain = 0, bus = 0, device = 0;

  /// "0000:3b:00", as Xid lines have it.
  std::string short_address() const;
  /// "0000:3B:00.0" and "00000000:3B:00.0", as NVML gives them.
  std::string legacy_bus_id() const;
  std::string bus_id() const;
};

/// From "0000:3b:00.0" or "00000000:3B:00.0"; nothing for another text.
std::optional<PciAddress> ParsePciAddress(std::string_view text);
PciAddress PciOf(const Gpu& gpu);

struct XidLine {
  std::string address;  ///< "0000:3b:00"
  unsigned xid = 0;
  std::optional<unsigned> recovery_action;  ///< of Xid 154: the new one
};

/// "NVRM: Xid (PCI:0000:3b:00): 48, ..."; nothing for another line.
std::optional<XidLine> ParseXidLine(std::string_view text);

}  // namespace gpud::sim_nvml
