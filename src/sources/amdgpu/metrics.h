// SPDX-License-Identifier: Apache-2.0
// gpu_metrics: the table that the GPU's power controller keeps, as the driver hands it on.
#pragma once

#include <string>
#include <string_view>

#include "sources/drm/gpu.h"

namespace gpud::amdgpu {

/// Readings of the table; kUnsupported where its format or this board lacks them (all ones).
struct Metrics {
  std::string format;  ///< "1.3"; 2.x and 3.x are of processors with a GPU
  bool of_apu = false;
  Result<double> hotspot_celsius = drm::kNotRead, memory_celsius = drm::kNotRead;
  Result<double> gfx_percent = drm::kNotRead, umc_percent = drm::kNotRead;
  Result<double> power_mw = drm::kNotRead, energy_mj = drm::kNotRead;
  Result<double> graphics_clock_mhz = drm::kNotRead, memory_clock_mhz = drm::kNotRead;
  /// What holds the clocks down now, 0 or 1 (formats with the throttle status that all chips
  /// share).
  Result<double> thermal_throttled = drm::kNotRead, power_throttled = drm::kNotRead;
  /// For how many of `ticks` a limit was at work, totals (1.6 on): heat of socket, voltage
  /// regulators, HBM and an outside signal together; power.
  Result<double> ticks = drm::kNotRead, thermal_ticks = drm::kNotRead, power_ticks = drm::kNotRead;
  Result<double> pcie_replays = drm::kNotRead, pcie_recoveries = drm::kNotRead;  ///< totals
  Result<double> pcie_naks_sent = drm::kNotRead, pcie_naks_received = drm::kNotRead;
  Result<double> xgmi_width = drm::kNotRead;       ///< lanes
  Result<double> xgmi_gbps = drm::kNotRead;        ///< Gbit/s of a lane
  Result<double> xgmi_read_bytes = drm::kNotRead;  ///< of all links, totals
  Result<double> xgmi_written_bytes = drm::kNotRead;

  static constexpr auto Fields() {
    using M = Metrics;
    return std::tuple{Field{"format", &M::format},
                      Field{"of_apu", &M::of_apu},
                      Field{"hotspot_celsius", &M::hotspot_celsius},
                      Field{"memory_celsius", &M::memory_celsius},
                      Field{"gfx_percent", &M::gfx_percent},
                      Field{"umc_percent", &M::umc_percent},
                      Field{"power_mw", &M::power_mw},
                      Field{"energy_mj", &M::energy_mj},
                      Field{"graphics_clock_mhz", &M::graphics_clock_mhz},
                      Field{"memory_clock_mhz", &M::memory_clock_mhz},
                      Field{"thermal_throttled", &M::thermal_throttled},
                      Field{"power_throttled", &M::power_throttled},
                      Field{"ticks", &M::ticks},
                      Field{"thermal_ticks", &M::thermal_ticks},
                      Field{"power_ticks", &M::power_ticks},
                      Field{"pcie_replays", &M::pcie_replays},
                      Field{"pcie_recoveries", &M::pcie_recoveries},
                      Field{"pcie_naks_sent", &M::pcie_naks_sent},
                      Field{"pcie_naks_received", &M::pcie_naks_received},
                      Field{"xgmi_width", &M::xgmi_width},
                      Field{"xgmi_gbps", &M::xgmi_gbps},
                      Field{"xgmi_read_bytes", &M::xgmi_read_bytes},
                      Field{"xgmi_written_bytes", &M::xgmi_written_bytes}};
  }
};

/// Errors: kParse for a table that is cut off or lies about its size; kUnsupported for a format
/// that we do not know (only 1.0 to 1.8, 2.0 to 2.4 and 3.0 are known). Source: struct
/// gpu_metrics_v* of drivers/gpu/drm/amd/include/kgd_pp_interface.h.
Result<Metrics> ParseMetrics(std::string_view table);

}  // namespace gpud::amdgpu
