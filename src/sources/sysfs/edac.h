// SPDX-License-Identifier: Apache-2.0
// /sys/devices/system/edac/mc: memory errors that the memory controllers have seen.
#pragma once

#include <string>
#include <vector>

#include "sources/source.h"

namespace gpud::sysfs {

/// Errors since boot (or since the EDAC driver was loaded) of one memory module.
struct Dimm {
  std::string name;   ///< "mc0/dimm3"; unique
  std::string label;  ///< the name on the board, "CPU_SrcID#0_MC#1_Chan#0_DIMM#0"; may be empty
  Result<std::uint64_t> corrected = Fail(ErrorCode::kInternal, "not read");
  Result<std::uint64_t> uncorrected = Fail(ErrorCode::kInternal, "not read");

  static constexpr auto Fields() {
    return std::tuple{Field{"name", &Dimm::name}, Field{"label", &Dimm::label},
                      Field{"corrected", &Dimm::corrected},
                      Field{"uncorrected", &Dimm::uncorrected}};
  }
};

/// One memory controller; its counts contain those of its modules and the errors without a place.
struct MemoryController {
  std::string name;  ///< "mc0"
  Result<std::uint64_t> corrected = Fail(ErrorCode::kInternal, "not read");
  Result<std::uint64_t> uncorrected = Fail(ErrorCode::kInternal, "not read");
  std::vector<Dimm> dimms;  ///< empty where the driver does not tell modules apart

  static constexpr auto Fields() {
    using M = MemoryController;
    return std::tuple{Field{"name", &M::name}, Field{"corrected", &M::corrected},
                      Field{"uncorrected", &M::uncorrected}, Field{"dimms", &M::dimms}};
  }
};

struct Edac {
  std::vector<MemoryController> controllers;

  static constexpr auto Fields() { return std::tuple{Field{"controllers", &Edac::controllers}}; }
};

/// Error in place of the snapshot: kUnsupported when no EDAC driver has found a controller (virtual
/// machines, no ECC memory). Source: Documentation/admin-guide/RAS (Linux 3.6 for dimmN).
extern const SourceType kEdac;

}  // namespace gpud::sysfs
