// SPDX-License-Identifier: Apache-2.0
// The JSON of the pci component's extra_info "data".
#pragma once

#include <string>
#include <vector>

#include "model/fields.h"

namespace gpud::pci {

struct Link {
  std::string id, kind, model;
  std::string link, link_max;  ///< "x16 at 32 GT/s"
  std::string port;
  static constexpr auto Fields() {
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"id", &Link::id},
                      Field{"kind", &Link::kind},
                      Field{"model", &Link::model},
                      Field{"link", &Link::link, kOmit},
                      Field{"link_max", &Link::link_max, kOmit},
                      Field{"port", &Link::port, kOmit}};
  }
};
struct Data {
  std::vector<Link> devices;
  std::vector<std::string> acs_ports;  ///< where access control is on
  std::string acs;                     ///< why it is not known
  static constexpr auto Fields() {
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"devices", &Data::devices}, Field{"acs_ports", &Data::acs_ports, kOmit},
                      Field{"acs", &Data::acs, kOmit}};
  }
};

}  // namespace gpud::pci
