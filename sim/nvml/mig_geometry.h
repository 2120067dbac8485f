// SPDX-License-Identifier: Apache-2.0
// How a GPU in MIG mode is cut: the scenario gives the number of instances (gpu.N.mig_instances),
// and all are of the largest profile of which so many fit.
#pragma once

#include <span>
#include <string>

#include "nvml/gpu.h"
#include "sources/nvml/abi/mig.h"

namespace gpud::sim_nvml {

struct MigProfile {
  unsigned slices = 0;         ///< of compute
  unsigned number = 0;         ///< NVML_GPU_INSTANCE_PROFILE_*
  unsigned id = 0;             ///< profile id, as nvidia-smi shows it
  unsigned memory_slices = 0;  ///< of eight
  unsigned most = 0;           ///< instances of it on an empty GPU
  unsigned first_id = 0;       ///< id of the first such GPU instance
  unsigned long long memory_mib = 0;
  unsigned multiprocessors = 0;
};

/// The profile of every instance; that of one instance where MIG is off.
MigProfile MigProfileOf(const Gpu& gpu);
/// The profile of this number or profile id on the GPU's board; nothing where there is none.
std::optional<MigProfile> MigProfileByNumber(const Gpu& gpu, unsigned number);
std::optional<MigProfile> MigProfileById(const Gpu& gpu, unsigned id);

/// "MIG 1g.10gb".
std::string MigProfileName(const Gpu& gpu);
std::string MigProfileName(const Gpu& gpu, const MigProfile& profile);
/// "MIG-8c5f...", of instance i.
std::string MigUuid(const Gpu& gpu, int instance);
unsigned GpuInstanceId(const Gpu& gpu, int instance);

}  // namespace gpud::sim_nvml
