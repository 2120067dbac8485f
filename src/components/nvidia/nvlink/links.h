// SPDX-License-Identifier: Apache-2.0
// The NVLinks of a GPU summed up, and what GPUs reach each other over them.
#pragma once

#include <optional>
#include <vector>

#include "components/nvidia/gpu_report.h"

namespace gpud::nvidia_nvlink {

/// Sums over the links of a GPU; nothing where no link counts it.
struct Links {
  std::uint64_t all = 0, up = 0;
  bool switched = false;  ///< some link leads to a switch
  std::optional<std::uint64_t> replays, recoveries, crc_errors, rx_bytes, tx_bytes;

  bool AreAllUp() const { return all > 0 && up == all; }
};
Links Sum(const std::vector<nvml::Link>& links);

struct GpuLinks {
  nvidia::GpuId id;
  Links links;
};

/// Pairs of GPUs, as the driver answers whether one reaches the other over NVLink.
struct Peers {
  std::size_t expected = 0, answered = 0, ok = 0;  ///< pairs
  bool fabric = false;                             ///< some GPU has an NVLink fabric
  std::vector<std::string> ok_uuids, statuses;     ///< without repeats

  bool AreAllRefused() const { return expected > 0 && answered == expected && ok == 0; }
};
/// None when `devices` is null.
Peers PeersOf(const nvml::Devices* devices);

/// The row of a GPU in `data`; `links` is null on a board without NVLink.
Json Describe(const nvidia::GpuId& id, const std::vector<nvml::Link>* links);
Json::Object DataOf(Json::Array rows, const std::vector<GpuLinks>& gpus, const Peers& peers);

}  // namespace gpud::nvidia_nvlink
