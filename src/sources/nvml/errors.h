// SPDX-License-Identifier: Apache-2.0
// Error counters of NVIDIA's GPUs: memory (ECC) and NVLink.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sources/nvml/session.h"
#include "sources/source.h"

namespace gpud::nvml {

/// Corrected and uncorrected errors of one place; "total", or a location of nvmlMemoryLocation_t in
/// lower case ("dram", "sram", "l1_cache", "l2_cache", "register_file", ...).
struct EccCount {
  std::string location;
  Result<std::uint64_t> corrected = kNotRead, uncorrected = kNotRead;

  static constexpr auto Fields() {
    using E = EccCount;
    return std::tuple{Field{"location", &E::location}, Field{"corrected", &E::corrected},
                      Field{"uncorrected", &E::uncorrected}};
  }
};

/// One NVLink of a GPU.
struct Link {
  std::uint32_t index = 0;
  Result<bool> active = kNotRead;
  Result<std::uint32_t> version = kNotRead;      ///< NVLink generation as NVML numbers it
  Result<std::string> remote_bus_id = kNotRead;  ///< "0000:07:00.0"
  Result<std::string> remote_type = kNotRead;    ///< "gpu", "switch", "cpu"
  /// Totals; kUnsupported where the generation counts otherwise (see `bit_error_rate`).
  Result<std::uint64_t> replays = kNotRead, recoveries = kNotRead, crc_flit = kNotRead,
                        crc_data = kNotRead;
  Result<double> bit_error_rate = kNotRead;                    ///< effective, generation 5 on
  Result<std::uint64_t> rx_kib = kNotRead, tx_kib = kNotRead;  ///< totals
  Result<std::uint32_t> speed_mbps = kNotRead;                 ///< MB/s of the link

  static constexpr auto Fields() {
    using L = Link;
    return std::tuple{Field{"index", &L::index},
                      Field{"active", &L::active},
                      Field{"version", &L::version},
                      Field{"remote_bus_id", &L::remote_bus_id},
                      Field{"remote_type", &L::remote_type},
                      Field{"replays", &L::replays},
                      Field{"recoveries", &L::recoveries},
                      Field{"crc_flit", &L::crc_flit},
                      Field{"crc_data", &L::crc_data},
                      Field{"bit_error_rate", &L::bit_error_rate},
                      Field{"rx_kib", &L::rx_kib},
                      Field{"tx_kib", &L::tx_kib},
                      Field{"speed_mbps", &L::speed_mbps}};
  }
};

struct GpuErrors {
  std::uint32_t index = 0;
  std::string uuid, bus_id;
  /// Since the driver was loaded, and since the board was made. The first is "total"; locations
  /// that this board does not count are left out.
  Result<std::vector<EccCount>> ecc_volatile = kNotRead, ecc_aggregate = kNotRead;
  Result<bool> sram_threshold_exceeded = kNotRead;  ///< nvmlDeviceGetSramEccErrorStatus
  Result<std::vector<Link>> links = kNotRead;       ///< kUnsupported: a board without NVLink

  static constexpr auto Fields() {
    using G = GpuErrors;
    return std::tuple{Field{"index", &G::index},
                      Field{"uuid", &G::uuid},
                      Field{"bus_id", &G::bus_id},
                      Field{"ecc_volatile", &G::ecc_volatile},
                      Field{"ecc_aggregate", &G::ecc_aggregate},
                      Field{"sram_threshold_exceeded", &G::sram_threshold_exceeded},
                      Field{"links", &G::links}};
  }
};

/// An Xid that the driver told through its event interface (nvmlEventSetWait).
struct XidEvent {
  WallTime time{};
  std::string bus_id;
  std::uint64_t xid = 0;

  static constexpr auto Fields() {
    using X = XidEvent;
    return std::tuple{Field{"time", &X::time}, Field{"bus_id", &X::bus_id}, Field{"xid", &X::xid}};
  }
};

struct Errors {
  Session session;
  std::vector<GpuErrors> gpus;
  std::vector<XidEvent> xids;  ///< since the reading before

  static constexpr auto Fields() {
    return std::tuple{Field{"session", &Errors::session}, Field{"gpus", &Errors::gpus},
                      Field{"xids", &Errors::xids}};
  }
};

/// Errors in place of the snapshot as of kDevices.
extern const SourceType kErrors;

}  // namespace gpud::nvml
