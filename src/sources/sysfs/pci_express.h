// SPDX-License-Identifier: Apache-2.0
// The links of the devices that work is done with (GPUs, their switches, adapters, NVMe disks): how
// wide and fast they are, how wide and fast they and their slots could be, and their errors.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sources/source.h"

namespace gpud::sysfs {

enum class PcieKind : unsigned char { kGpu, kSwitch, kNetwork, kNvme };

}  // namespace gpud::sysfs

template <>
struct gpud::EnumWords<gpud::sysfs::PcieKind> {
  static constexpr std::string_view kWords[] = {"gpu", "nvswitch", "network", "nvme"};
};

namespace gpud::sysfs {

struct PcieLink {
  double gigatransfers = 0;  ///< per second and lane: 2.5, 5, 8, 16, 32, 64
  std::uint32_t width = 0;   ///< lanes

  bool operator==(const PcieLink&) const = default;
  static constexpr auto Fields() {
    return std::tuple{Field{"gigatransfers", &PcieLink::gigatransfers},
                      Field{"width", &PcieLink::width}};
  }
};

/// Errors that the device has reported since boot.
struct AerCounts {
  std::uint64_t correctable = 0, nonfatal = 0, fatal = 0;

  static constexpr auto Fields() {
    using A = AerCounts;
    return std::tuple{Field{"correctable", &A::correctable}, Field{"nonfatal", &A::nonfatal},
                      Field{"fatal", &A::fatal}};
  }
};

struct PcieDevice {
  std::string address;  ///< "0000:19:00.0"
  PcieKind kind = PcieKind::kGpu;
  std::string model;  ///< vendor and device id, "10de:2330"
  Result<PcieLink> link = Fail(ErrorCode::kInternal, "not read");
  PcieLink best;                 ///< what the device could do
  std::string port;              ///< of the slot; empty for one on the root bus
  std::optional<PcieLink> slot;  ///< what the port above could do
  Result<AerCounts> errors = Fail(ErrorCode::kInternal, "not read");
  Result<AerCounts> port_errors = Fail(ErrorCode::kInternal, "not read");

  static constexpr auto Fields() {
    using P = PcieDevice;
    return std::tuple{Field{"address", &P::address},
                      Field{"kind", &P::kind},
                      Field{"model", &P::model},
                      Field{"link", &P::link},
                      Field{"best", &P::best},
                      Field{"port", &P::port},
                      Field{"slot", &P::slot},
                      Field{"errors", &P::errors},
                      Field{"port_errors", &P::port_errors}};
  }
};

struct PcieDevices {
  std::vector<PcieDevice> devices;  ///< by address; without virtual functions

  static constexpr auto Fields() { return std::tuple{Field{"devices", &PcieDevices::devices}}; }
};

/// "32.0 GT/s PCIe" as 32. Errors: kUnsupported for "Unknown", else kParse.
Result<double> ParseLinkSpeed(std::string_view text);
/// The last line of aer_dev_correctable and its like, "TOTAL_ERR_COR 12". Error: kParse.
Result<std::uint64_t> ParseAerTotal(std::string_view text);

/// Error in place of the snapshot: kUnsupported where there is no such device. A link that is not
/// told (a virtual bus) and a device without error counters are kNotFound or kUnsupported in their
/// places. Source: Documentation/ABI/testing/sysfs-bus-pci and sysfs-bus-pci-devices-aer.
extern const SourceType kPciExpress;

}  // namespace gpud::sysfs
