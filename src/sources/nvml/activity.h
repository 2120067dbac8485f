// SPDX-License-Identifier: Apache-2.0
// What NVIDIA's GPUs do now: load, memory, clocks, power, heat, traffic, profiling shares.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sources/nvml/session.h"
#include "sources/source.h"

namespace gpud::nvml {

/// Bits of Activity::clock_reasons (nvmlClocksEventReasons*).
inline constexpr std::uint64_t kReasonIdle = 0x1, kReasonApplicationClocks = 0x2,
                               kReasonPowerCap = 0x4, kReasonHwSlowdown = 0x8,
                               kReasonSyncBoost = 0x10, kReasonSwThermal = 0x20,
                               kReasonHwThermal = 0x40, kReasonPowerBrake = 0x80,
                               kReasonDisplay = 0x100;

/// How long a reason has held the clocks down, in total, ns. Counters of the driver where it has
/// them (field values of CLOCKS_EVENT_REASON_*), else nvmlDeviceGetViolationStatus.
struct ThrottleTime {
  Result<std::uint64_t> power_cap_ns = kNotRead, sync_boost_ns = kNotRead, sw_thermal_ns = kNotRead,
                        hw_thermal_ns = kNotRead, power_brake_ns = kNotRead;

  static constexpr auto Fields() {
    using T = ThrottleTime;
    return std::tuple{
        Field{"power_cap_ns", &T::power_cap_ns}, Field{"sync_boost_ns", &T::sync_boost_ns},
        Field{"sw_thermal_ns", &T::sw_thermal_ns}, Field{"hw_thermal_ns", &T::hw_thermal_ns},
        Field{"power_brake_ns", &T::power_brake_ns}};
  }
};

/// Profiling shares between this reading and the one before, percent (MB/s for traffic). GPM,
/// Hopper and later.
struct Gpm {
  double seconds = 0;  ///< between the two samples
  Result<double> sm_active = kNotRead, sm_occupancy = kNotRead;
  Result<double> integer = kNotRead;
  Result<double> tensor = kNotRead;  ///< any matrix pipe
  Result<double> tensor_fp64 = kNotRead, tensor_half = kNotRead, tensor_integer = kNotRead;
  Result<double> fp64 = kNotRead, fp32 = kNotRead, fp16 = kNotRead;  ///< non-matrix pipes
  Result<double> dram_active = kNotRead;
  Result<double> pcie_tx_mb = kNotRead, pcie_rx_mb = kNotRead;
  Result<double> nvlink_tx_mb = kNotRead, nvlink_rx_mb = kNotRead;

  static constexpr auto Fields() {
    using G = Gpm;
    return std::tuple{Field{"seconds", &G::seconds},
                      Field{"sm_active", &G::sm_active},
                      Field{"sm_occupancy", &G::sm_occupancy},
                      Field{"integer", &G::integer},
                      Field{"tensor", &G::tensor},
                      Field{"tensor_fp64", &G::tensor_fp64},
                      Field{"tensor_half", &G::tensor_half},
                      Field{"tensor_integer", &G::tensor_integer},
                      Field{"fp64", &G::fp64},
                      Field{"fp32", &G::fp32},
                      Field{"fp16", &G::fp16},
                      Field{"dram_active", &G::dram_active},
                      Field{"pcie_tx_mb", &G::pcie_tx_mb},
                      Field{"pcie_rx_mb", &G::pcie_rx_mb},
                      Field{"nvlink_tx_mb", &G::nvlink_tx_mb},
                      Field{"nvlink_rx_mb", &G::nvlink_rx_mb}};
  }
};

/// One GPU's activity; `bus_id` ties it to Device::bus_id.
struct GpuActivity {
  std::uint32_t index = 0;
  std::string uuid, bus_id;

  Result<double> gpu_percent = kNotRead, memory_percent = kNotRead;  ///< time shares
  Result<double> encoder_percent = kNotRead, decoder_percent = kNotRead;
  /// Out of the driver's sample buffers since the reading before; kUnsupported without samples.
  Result<double> gpu_percent_max = kNotRead, gpu_percent_min = kNotRead;
  Result<double> power_max_mw = kNotRead;

  Result<std::uint64_t> memory_total_bytes = kNotRead, memory_used_bytes = kNotRead,
                        memory_free_bytes = kNotRead, memory_reserved_bytes = kNotRead;
  Result<std::uint64_t> bar1_total_bytes = kNotRead, bar1_used_bytes = kNotRead;

  Result<std::uint32_t> graphics_clock_mhz = kNotRead, sm_clock_mhz = kNotRead,
                        memory_clock_mhz = kNotRead, video_clock_mhz = kNotRead;
  Result<std::uint32_t> performance_state = kNotRead;  ///< 0 fastest .. 15
  Result<std::uint64_t> clock_reasons = kNotRead;      ///< bits, see above
  ThrottleTime throttle;

  Result<std::uint32_t> power_mw = kNotRead;
  Result<std::uint32_t> power_limit_enforced_mw = kNotRead;  ///< what holds now
  Result<std::uint32_t> power_limit_mw = kNotRead;           ///< as set (management limit)
  Result<std::uint64_t> energy_mj = kNotRead;                ///< since the driver was loaded

  Result<std::int32_t> celsius = kNotRead, memory_celsius = kNotRead;
  Result<std::int32_t> margin_celsius = kNotRead;  ///< to the nearest slowdown; may be negative
  Result<std::uint32_t> fan_percent = kNotRead;

  Result<std::uint32_t> pcie_gen = kNotRead, pcie_width = kNotRead;
  Result<std::uint64_t> pcie_replays = kNotRead;  ///< total
  /// Totals in bytes; kUnsupported on drivers without these counters (a call that measures for
  /// 20 ms is not made).
  Result<std::uint64_t> pcie_rx_bytes = kNotRead, pcie_tx_bytes = kNotRead;
  Result<std::uint64_t> nvlink_rx_bytes = kNotRead, nvlink_tx_bytes = kNotRead;

  Result<Gpm> gpm = kNotRead;  ///< kNotFound until there is an earlier sample to compare with

  double slowest_call_ms = 0;
  std::string slowest_call;  ///< "nvmlDeviceGetFieldValues"

  static constexpr auto Fields() {
    using A = GpuActivity;
    return std::tuple{Field{"index", &A::index},
                      Field{"uuid", &A::uuid},
                      Field{"bus_id", &A::bus_id},
                      Field{"gpu_percent", &A::gpu_percent},
                      Field{"memory_percent", &A::memory_percent},
                      Field{"encoder_percent", &A::encoder_percent},
                      Field{"decoder_percent", &A::decoder_percent},
                      Field{"gpu_percent_max", &A::gpu_percent_max},
                      Field{"gpu_percent_min", &A::gpu_percent_min},
                      Field{"power_max_mw", &A::power_max_mw},
                      Field{"memory_total_bytes", &A::memory_total_bytes},
                      Field{"memory_used_bytes", &A::memory_used_bytes},
                      Field{"memory_free_bytes", &A::memory_free_bytes},
                      Field{"memory_reserved_bytes", &A::memory_reserved_bytes},
                      Field{"bar1_total_bytes", &A::bar1_total_bytes},
                      Field{"bar1_used_bytes", &A::bar1_used_bytes},
                      Field{"graphics_clock_mhz", &A::graphics_clock_mhz},
                      Field{"sm_clock_mhz", &A::sm_clock_mhz},
                      Field{"memory_clock_mhz", &A::memory_clock_mhz},
                      Field{"video_clock_mhz", &A::video_clock_mhz},
                      Field{"performance_state", &A::performance_state},
                      Field{"clock_reasons", &A::clock_reasons},
                      Field{"throttle", &A::throttle},
                      Field{"power_mw", &A::power_mw},
                      Field{"power_limit_enforced_mw", &A::power_limit_enforced_mw},
                      Field{"power_limit_mw", &A::power_limit_mw},
                      Field{"energy_mj", &A::energy_mj},
                      Field{"celsius", &A::celsius},
                      Field{"memory_celsius", &A::memory_celsius},
                      Field{"margin_celsius", &A::margin_celsius},
                      Field{"fan_percent", &A::fan_percent},
                      Field{"pcie_gen", &A::pcie_gen},
                      Field{"pcie_width", &A::pcie_width},
                      Field{"pcie_replays", &A::pcie_replays},
                      Field{"pcie_rx_bytes", &A::pcie_rx_bytes},
                      Field{"pcie_tx_bytes", &A::pcie_tx_bytes},
                      Field{"nvlink_rx_bytes", &A::nvlink_rx_bytes},
                      Field{"nvlink_tx_bytes", &A::nvlink_tx_bytes},
                      Field{"gpm", &A::gpm},
                      Field{"slowest_call_ms", &A::slowest_call_ms},
                      Field{"slowest_call", &A::slowest_call}};
  }
};

struct Activity {
  Session session;
  std::vector<GpuActivity> gpus;  ///< by index; a lost one is in it, with its errors

  static constexpr auto Fields() {
    return std::tuple{Field{"session", &Activity::session}, Field{"gpus", &Activity::gpus}};
  }
};

/// Errors in place of the snapshot as of kDevices.
extern const SourceType kActivity;

}  // namespace gpud::nvml
