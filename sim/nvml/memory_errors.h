// SPDX-License-Identifier: Apache-2.0
// Error counters of a GPU's memory: of single calls and of field values.
#pragma once

#include "nvml/gpu.h"

namespace gpud::sim_nvml {

/// NOT_SUPPORTED while ECC is off, and at places that the board does not count.
Reading MemoryErrors(Gpu& gpu, nvmlMemoryErrorType_t type, nvmlMemoryLocation_t location);
/// Of the whole GPU.
Reading AllMemoryErrors(Gpu& gpu, nvmlMemoryErrorType_t type);
/// ECC: can be on at all.
bool HasEcc(const Gpu& gpu);

}  // namespace gpud::sim_nvml
