// SPDX-License-Identifier: Apache-2.0
// What the drivers of AMD's and Intel's GPUs tell alike, and the tables by which files of sysfs
// become readings.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "sources/drm/card.h"

namespace gpud::drm {

/// A value that nothing has read: what each reading is until then.
inline const tl::unexpected<Error> kNotRead = Fail(ErrorCode::kInternal, "not read");

/// One GPU. Every reading has its own error: kUnsupported where the board, the driver or the kernel
/// does not have it, and for all of them while the GPU is asleep.
struct Gpu {
  std::string card;         ///< "card0"
  std::string bus_id;       ///< "0000:03:00.0"
  std::string uuid;         ///< AMD: the board's unique id, if it has one; else the bus id
  std::string name;         ///< as the board tells it, else by its ids: "1002:74a1"
  std::string driver;       ///< "amdgpu", "i915", "xe"
  bool integrated = false;  ///< in one chip with the processor
  bool asleep = false;      ///< suspended; not read, as that would wake it

  Result<double> gpu_percent = kNotRead;     ///< share of time with work
  Result<double> memory_percent = kNotRead;  ///< of the memory controller
  Result<double> memory_total_bytes = kNotRead, memory_used_bytes = kNotRead;    ///< VRAM
  Result<double> visible_total_bytes = kNotRead, visible_used_bytes = kNotRead;  ///< by the CPU
  Result<double> host_total_bytes = kNotRead, host_used_bytes = kNotRead;  ///< of the host (GTT)
  Result<double> graphics_clock_mhz = kNotRead, graphics_clock_max_mhz = kNotRead;
  Result<double> memory_clock_mhz = kNotRead, memory_clock_max_mhz = kNotRead;
  Result<double> power_mw = kNotRead;
  Result<double> power_limit_mw = kNotRead, power_limit_default_mw = kNotRead,
                 power_limit_max_mw = kNotRead;
  Result<double> energy_mj = kNotRead;  ///< a counter
  Result<double> fan_rpm = kNotRead;
  Result<double> celsius = kNotRead, celsius_crit = kNotRead;  ///< edge of the chip, or package
  Result<double> hotspot_celsius = kNotRead, hotspot_celsius_crit = kNotRead;
  Result<double> memory_celsius = kNotRead, memory_celsius_crit = kNotRead;
  Result<double> thermal_throttled = kNotRead, power_throttled = kNotRead;  ///< now: 0 or 1
  /// The link to the machine: of the card's own switch, where it has one. `max`: of both ends.
  Result<double> pcie_gts = kNotRead, pcie_gts_max = kNotRead;  ///< GT/s: 16 is generation 4
  Result<double> pcie_width = kNotRead, pcie_width_max = kNotRead;
  Result<double> pcie_replays = kNotRead;  ///< total

  static constexpr auto Fields() {
    using G = Gpu;
    return std::tuple{Field{"card", &G::card},
                      Field{"bus_id", &G::bus_id},
                      Field{"uuid", &G::uuid},
                      Field{"name", &G::name},
                      Field{"driver", &G::driver},
                      Field{"integrated", &G::integrated},
                      Field{"asleep", &G::asleep},
                      Field{"gpu_percent", &G::gpu_percent},
                      Field{"memory_percent", &G::memory_percent},
                      Field{"memory_total_bytes", &G::memory_total_bytes},
                      Field{"memory_used_bytes", &G::memory_used_bytes},
                      Field{"visible_total_bytes", &G::visible_total_bytes},
                      Field{"visible_used_bytes", &G::visible_used_bytes},
                      Field{"host_total_bytes", &G::host_total_bytes},
                      Field{"host_used_bytes", &G::host_used_bytes},
                      Field{"graphics_clock_mhz", &G::graphics_clock_mhz},
                      Field{"graphics_clock_max_mhz", &G::graphics_clock_max_mhz},
                      Field{"memory_clock_mhz", &G::memory_clock_mhz},
                      Field{"memory_clock_max_mhz", &G::memory_clock_max_mhz},
                      Field{"power_mw", &G::power_mw},
                      Field{"power_limit_mw", &G::power_limit_mw},
                      Field{"power_limit_default_mw", &G::power_limit_default_mw},
                      Field{"power_limit_max_mw", &G::power_limit_max_mw},
                      Field{"energy_mj", &G::energy_mj},
                      Field{"fan_rpm", &G::fan_rpm},
                      Field{"celsius", &G::celsius},
                      Field{"celsius_crit", &G::celsius_crit},
                      Field{"hotspot_celsius", &G::hotspot_celsius},
                      Field{"hotspot_celsius_crit", &G::hotspot_celsius_crit},
                      Field{"memory_celsius", &G::memory_celsius},
                      Field{"memory_celsius_crit", &G::memory_celsius_crit},
                      Field{"thermal_throttled", &G::thermal_throttled},
                      Field{"power_throttled", &G::power_throttled},
                      Field{"pcie_gts", &G::pcie_gts},
                      Field{"pcie_gts_max", &G::pcie_gts_max},
                      Field{"pcie_width", &G::pcie_width},
                      Field{"pcie_width_max", &G::pcie_width_max},
                      Field{"pcie_replays", &G::pcie_replays}};
  }
};

using Reading = Result<double> Gpu::*;

/// One row of a table: which file holds which reading, and by what its number is multiplied.
struct NumberFile {
  std::string_view file;
  Reading reading;
  double factor = 1;
};

/// The number at the start of a file ("16.0 GT/s PCIe" is 16), times `factor`. Errors: kUnsupported
/// when there is no such file, or the driver says that the board has no such sensor (EINVAL,
/// ENODATA, EOPNOTSUPP, "Unknown"); kParse; else as Root::Read: EBUSY while a reset runs, EPERM,
/// EIO.
Result<double> ReadNumber(const Root& root, const std::string& path, double factor = 1);
void ReadNumbers(const Root& root, const std::string& folder, std::span<const NumberFile> table,
                 Gpu& gpu);

/// Sets each reading of the GPU to `error`.
void SetAll(Gpu& gpu, const Error& error);
/// Takes a reading that is not to be had (absent by design) from elsewhere.
void FillIn(Result<double>& reading, const Result<double>& other);

/// A GPU with what the card alone tells. A sleeping one says so in each of its readings.
Gpu StartOf(const Card& card, std::uint32_t vendor);

/// Temperatures, power, energy, fan. Source: Documentation/hwmon/sysfs-interface.rst,
/// Documentation/gpu/amdgpu/thermal.rst, sysfs-driver-intel-{i915,xe}-hwmon.
void ReadHwmon(const Root& root, const Card& card, Gpu& gpu);

/// The PCIe link. Source: Documentation/ABI/testing/sysfs-bus-pci (current_link_*, max_link_*).
void ReadLink(const Root& root, const Card& card, Gpu& gpu);

}  // namespace gpud::drm
