// SPDX-License-Identifier: Apache-2.0
// Which processes hold GPUs open, what memory and what of the engines they use, as the drivers tell
// it in /proc/PID/fdinfo.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sources/source.h"

namespace gpud::drm {

/// One opening of a GPU by a process.
struct Client {
  std::uint32_t pid = 0;
  std::uint64_t id = 0;  ///< of the opening, unique for its GPU
  std::string bus_id;    ///< "0000:03:00.0"
  std::string driver;    ///< "amdgpu", "i915", "xe"
  /// By region ("vram", "gtt"; i915 "local0"; xe "vram0"), what is there now (not merely asked
  /// for).
  std::map<std::string, std::uint64_t> memory_bytes;
  /// Busy time by engine class ("gfx", "compute", "render"), since it was opened.
  std::map<std::string, std::uint64_t> engine_ns;
  /// xe tells busy cycles ("rcs", "ccs") and the GPU's own of that time instead.
  std::map<std::string, std::uint64_t> engine_cycles, engine_total_cycles;
  /// How many engines of a class there are, where not one.
  std::map<std::string, std::uint64_t> engine_capacity;

  bool operator==(const Client&) const = default;
  static constexpr auto Fields() {
    using C = Client;
    return std::tuple{Field{"pid", &C::pid},
                      Field{"id", &C::id},
                      Field{"bus_id", &C::bus_id},
                      Field{"driver", &C::driver},
                      Field{"memory_bytes", &C::memory_bytes},
                      Field{"engine_ns", &C::engine_ns},
                      Field{"engine_cycles", &C::engine_cycles},
                      Field{"engine_total_cycles", &C::engine_total_cycles},
                      Field{"engine_capacity", &C::engine_capacity}};
  }
};

struct Clients {
  std::vector<Client> clients;  ///< an opening that processes share is told once, of the first
  std::uint64_t hidden_processes = 0;  ///< whose files we may not look at

  static constexpr auto Fields() {
    using C = Clients;
    return std::tuple{Field{"clients", &C::clients},
                      Field{"hidden_processes", &C::hidden_processes}};
  }
};

/// Errors: kUnsupported when the text is not of a GPU whose driver tells its PCI address; kParse.
Result<Client> ParseFdinfo(std::string_view text);

/// Error in place of the snapshot: kUnsupported where no GPU of AMD's or Intel's has a driver.
/// Only descriptors that lead to /dev/dri are opened. Source: Documentation/gpu/drm-usage-stats.rst
/// (Linux 5.14 amdgpu, 5.19 i915, 6.8 xe).
extern const SourceType kClients;

}  // namespace gpud::drm
