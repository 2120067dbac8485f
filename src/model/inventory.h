// SPDX-License-Identifier: Apache-2.0
// Inventory: which GPUs a machine is expected to have, and how they are expected to be linked.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/fields.h"

namespace gpud {

/// A GPU by its slot. A zero or empty member expects nothing.
struct ExpectedGpu {
  std::string bus_id;  ///< "0000:19:00.0"
  std::string name;    ///< "NVIDIA H100 80GB HBM3"; for a person, a changed one is no fault
  std::uint64_t memory_bytes = 0;
  std::uint32_t pcie_width = 0;  ///< lanes
  std::uint32_t nvlinks = 0;     ///< that are up
  bool fabric = false;           ///< it has joined an NVLink fabric

  bool operator==(const ExpectedGpu&) const = default;
  static constexpr auto Fields() {
    using E = ExpectedGpu;
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"bus_id", &E::bus_id},
                      Field{"name", &E::name, kOmit},
                      Field{"memory_bytes", &E::memory_bytes, kOmit},
                      Field{"pcie_width", &E::pcie_width, kOmit},
                      Field{"nvlinks", &E::nvlinks, kOmit},
                      Field{"fabric", &E::fabric, kOmit}};
  }
};

struct Inventory {
  std::vector<ExpectedGpu> gpus;  ///< by bus id

  bool operator==(const Inventory&) const = default;
  static constexpr auto Fields() { return std::tuple{Field{"gpus", &Inventory::gpus}}; }
};

/// What the machine is expected to have, as a check sees it.
struct Expectation {
  Inventory inventory;
  bool declared = false;  ///< by the administrator; else it is the best that was ever seen

  static constexpr auto Fields() {
    return std::tuple{Field{"inventory", &Expectation::inventory},
                      Field{"declared", &Expectation::declared}};
  }
};

}  // namespace gpud
