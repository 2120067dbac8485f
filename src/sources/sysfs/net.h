// SPDX-License-Identifier: Apache-2.0
// /sys/class/net: the ports of network cards, and the bonds over them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sources/source.h"

namespace gpud::sysfs {

enum class PortKind : unsigned char { kEthernet, kInfiniband, kWireless, kBond, kOther };

/// Counters since the interface was made (on a card: since its driver was loaded).
struct Traffic {
  std::uint64_t rx_bytes = 0, rx_packets = 0, rx_errors = 0, rx_dropped = 0;
  std::uint64_t tx_bytes = 0, tx_packets = 0, tx_errors = 0, tx_dropped = 0;

  bool operator==(const Traffic&) const = default;
  static constexpr auto Fields() {
    using T = Traffic;
    return std::tuple{Field{"rx_bytes", &T::rx_bytes},   Field{"rx_packets", &T::rx_packets},
                      Field{"rx_errors", &T::rx_errors}, Field{"rx_dropped", &T::rx_dropped},
                      Field{"tx_bytes", &T::tx_bytes},   Field{"tx_packets", &T::tx_packets},
                      Field{"tx_errors", &T::tx_errors}, Field{"tx_dropped", &T::tx_dropped}};
  }
};

struct NetPort {
  std::string name;     ///< "eno1"
  std::string address;  ///< on its bus, "0000:04:00.0", "virtio2"; empty for a bond
  PortKind kind = PortKind::kEthernet;
  bool usb = false;   ///< also the virtual port to a server's BMC
  bool up = false;    ///< switched on by the administrator (IFF_UP)
  bool link = false;  ///< it has carrier; false too while it is not `up`, as nobody can know then
  std::uint64_t link_ups = 0;    ///< times it got its link since the driver was loaded
  std::uint64_t link_downs = 0;  ///< times it lost it; the driver's start counts as one
  std::optional<std::uint64_t>
      speed_mbps;      ///< negotiated; nothing without a link, on virtual cards
  std::string duplex;  ///< "full", "half", "unknown"; empty when not told
  std::uint64_t mtu_bytes = 0;
  std::string bond;                     ///< that it belongs to; empty: none
  std::vector<std::string> slaves;      ///< of a bond
  std::string bond_mode, active_slave;  ///< of a bond: "802.3ad"; where the mode has one
  std::optional<Traffic> traffic;       ///< nothing when it vanished while we looked

  bool HadLink() const { return link || link_ups > 0; }
  static constexpr auto Fields() {
    using P = NetPort;
    return std::tuple{Field{"name", &P::name},
                      Field{"address", &P::address},
                      Field{"kind", &P::kind},
                      Field{"usb", &P::usb},
                      Field{"up", &P::up},
                      Field{"link", &P::link},
                      Field{"link_ups", &P::link_ups},
                      Field{"link_downs", &P::link_downs},
                      Field{"speed_mbps", &P::speed_mbps},
                      Field{"duplex", &P::duplex},
                      Field{"mtu_bytes", &P::mtu_bytes},
                      Field{"bond", &P::bond},
                      Field{"slaves", &P::slaves},
                      Field{"bond_mode", &P::bond_mode},
                      Field{"active_slave", &P::active_slave},
                      Field{"traffic", &P::traffic}};
  }
};

/// Those with a device behind them and bonds; no bridges, tunnels and ends of containers' cables,
/// which come and go by the hundred.
struct NetPorts {
  std::vector<NetPort> ports;  ///< sorted by name
  std::size_t left_out = 0;    ///< beyond the first 128 (virtual functions)

  const NetPort* Find(std::string_view name) const;
  static constexpr auto Fields() {
    return std::tuple{Field{"ports", &NetPorts::ports}, Field{"left_out", &NetPorts::left_out}};
  }
};

/// Error in place of the snapshot: kUnsupported when there is no such port (a container).
/// Source: Documentation/ABI/testing/sysfs-class-net, Documentation/networking/bonding.rst,
/// proc_pid_net(5) for /proc/net/dev. carrier_up_count is there from Linux 4.16 on; before, it is
/// half of carrier_changes.
extern const SourceType kNet;

}  // namespace gpud::sysfs

namespace gpud {
template <>
struct EnumWords<sysfs::PortKind> {
  static constexpr std::string_view kWords[] = {"ethernet", "infiniband", "wireless", "bond",
                                                "other"};
};
}  // namespace gpud
