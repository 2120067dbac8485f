// SPDX-License-Identifier: Apache-2.0
// /sys/class/infiniband: RDMA devices, their ports, and the ports' counters.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sources/source.h"

namespace gpud::sysfs {

struct RdmaPort {
  std::uint32_t number = 1;
  Result<std::string> link_layer = Fail(ErrorCode::kNotFound, "not read");  ///< "InfiniBand"
  Result<std::string> state = Fail(ErrorCode::kNotFound, "not read");  ///< "ACTIVE", "DOWN", "INIT"
  /// "LinkUp", "Disabled", "Polling" ...
  Result<std::string> physical_state = Fail(ErrorCode::kNotFound, "not read");
  Result<double> rate_gbps =
      Fail(ErrorCode::kNotFound, "not read");  ///< 400 of "400 Gb/sec (4X NDR)"
  /// By the name of its file, `counters` and `hw_counters` together. What the device does not count
  /// is not in it. port_rcv_data and port_xmit_data count 4 bytes.
  std::map<std::string, std::uint64_t> counters;

  static constexpr auto Fields() {
    using P = RdmaPort;
    return std::tuple{
        Field{"number", &P::number},       Field{"link_layer", &P::link_layer},
        Field{"state", &P::state},         Field{"physical_state", &P::physical_state},
        Field{"rate_gbps", &P::rate_gbps}, Field{"counters", &P::counters}};
  }
};

struct RdmaDevice {
  std::string name;      ///< "mlx5_0"
  std::string firmware;  ///< "28.39.1002"; empty where not told, as the next two
  std::string board;     ///< "MT_0000000838"
  std::string hca_type;  ///< "MT4129"
  std::string pci_address;
  std::vector<RdmaPort> ports;

  static constexpr auto Fields() {
    using D = RdmaDevice;
    return std::tuple{Field{"name", &D::name},
                      Field{"firmware", &D::firmware},
                      Field{"board", &D::board},
                      Field{"hca_type", &D::hca_type},
                      Field{"pci_address", &D::pci_address},
                      Field{"ports", &D::ports}};
  }
};

struct RdmaDevices {
  std::vector<RdmaDevice> devices;

  static constexpr auto Fields() { return std::tuple{Field{"devices", &RdmaDevices::devices}}; }
};

/// Error in place of the snapshot: kUnsupported when the machine has no RDMA device. A counter that
/// answers EINVAL is never read again while this process lives: the driver logs each try.
/// Source: Documentation/ABI/stable/sysfs-class-infiniband, sysfs-class-rdma.
extern const SourceType kRdma;

}  // namespace gpud::sysfs
