// SPDX-License-Identifier: Apache-2.0
// The JSON of the network-interface component's extra_info "data".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "components/network_interface/links.h"
#include "model/fields.h"
#include "sources/sysfs/net.h"

namespace gpud::network_interface {

struct Port {
  std::string name, address;
  sysfs::PortKind kind{};
  bool link = false;
  std::optional<std::uint64_t> speed_mbps;
  std::string duplex, bond, bond_mode, active_slave;
  std::vector<std::string> slaves;
  std::string not_judged;  ///< why its link says nothing about health

  static constexpr auto Fields() {
    using P = Port;
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"name", &P::name},
                      Field{"address", &P::address, kOmit},
                      Field{"kind", &P::kind},
                      Field{"link", &P::link},
                      Field{"speed_mbps", &P::speed_mbps, kOmit},
                      Field{"duplex", &P::duplex, kOmit},
                      Field{"bond", &P::bond, kOmit},
                      Field{"bond_mode", &P::bond_mode, kOmit},
                      Field{"active_slave", &P::active_slave, kOmit},
                      Field{"slaves", &P::slaves, kOmit},
                      Field{"not_judged", &P::not_judged, kOmit}};
  }
};

struct Data {
  std::vector<Port> ports;
  std::uint64_t left_out = 0;

  static constexpr auto Fields() {
    return std::tuple{Field{"ports", &Data::ports},
                      Field{"left_out", &Data::left_out, When::kNonEmpty}};
  }
};

inline Data Describe(const sysfs::NetPorts& ports) {
  Data data{.ports = {}, .left_out = ports.left_out};
  for (const sysfs::NetPort& port : ports.ports) {
    data.ports.push_back({.name = port.name,
                          .address = port.address,
                          .kind = port.kind,
                          .link = port.link,
                          .speed_mbps = port.speed_mbps,
                          .duplex = port.duplex,
                          .bond = port.bond,
                          .bond_mode = port.bond_mode,
                          .active_slave = port.active_slave,
                          .slaves = port.slaves,
                          .not_judged = std::string(WhyNotJudged(port))});
  }
  return data;
}

}  // namespace gpud::network_interface
