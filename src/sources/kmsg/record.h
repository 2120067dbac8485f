// SPDX-License-Identifier: Apache-2.0
// A record of the kernel log: /dev/kmsg form, "PRIORITY,SEQUENCE,TIMESTAMP_US,FLAGS;TEXT".
// Source: Documentation/ABI/testing/dev-kmsg.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "platform/result.h"

namespace gpud::kmsg {

struct Record {
  unsigned priority = 0;  ///< facility * 8 + severity
  std::uint64_t sequence = 0;
  std::chrono::microseconds timestamp{};  ///< since boot, by the kernel's log clock
  std::string_view text;  ///< escapes (\xNN) undone, continuation lines (" KEY=value") cut off
  /// PCI address of the device that the record is about, "0000:9b:00.0", from its continuation line
  /// " DEVICE=+pci:..."; else empty.
  std::string_view pci_device;

  unsigned facility() const { return priority >> 3; }
  unsigned severity() const { return priority & 7; }
};

/// The record's views point into `raw`, or into `scratch` where escapes had to be undone: valid as
/// long as both are left alone. Error: kParse, naming what is wrong.
Result<Record> ParseRecord(std::string_view raw, std::string& scratch);

/// The address in a DEVICE= property of the kernel, "+pci:0000:9b:00.0"; empty for another bus.
std::string_view PciAddressOf(std::string_view device);

}  // namespace gpud::kmsg
