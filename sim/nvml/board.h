// SPDX-License-Identifier: Apache-2.0
// What a board is by design: limits, clocks and abilities that no scenario changes.
#pragma once

#include <string_view>

#include "sources/nvml/abi/base.h"

namespace gpud::sim_nvml {

using namespace nvml_abi;

struct Board {
  std::string_view model;  ///< the fact gpu.N.model
  std::string_view name;   ///< as nvmlDeviceGetName gives it
  nvmlBrandType_t brand = NVML_BRAND_NVIDIA;
  unsigned architecture = 0;
  int compute_major = 0, compute_minor = 0;
  unsigned device_id = 0, subsystem_id = 0;  ///< without the vendor 10de
  std::string_view part_number, vbios;
  unsigned multiprocessors = 0, cores = 0;
  unsigned memory_bus_bits = 0;
  unsigned memory_mhz = 0, video_mhz = 0;
  unsigned power_min_watts = 0, power_max_watts = 0;
  unsigned shutdown_celsius = 0, gpu_max_celsius = 0;
  unsigned pcie_generation = 0;  ///< of the GPU itself
  unsigned fans = 0;
  unsigned link_version = 0;       ///< nvmlNvlinkVersion_t; 0: no NVLink
  unsigned link_mbps = 0;          ///< one way, of one link
  unsigned remap_banks = 0;        ///< 0: rows cannot be remapped
  bool retires_pages = false;      ///< the way of older memory
  unsigned mig_sms_per_slice = 0;  ///< 0: no MIG
  bool fabric = false;             ///< registers with a fabric manager
  bool confidential = false;
  unsigned c2c_links = 0;
  unsigned bar1_mib = 0;

  bool datacenter() const { return brand == NVML_BRAND_NVIDIA; }
  bool gpm() const { return architecture >= NVML_DEVICE_ARCH_HOPPER && mig_sms_per_slice > 0; }
};

/// Null for a model that NVML does not know (another vendor's).
const Board* FindBoard(std::string_view model);

}  // namespace gpud::sim_nvml
