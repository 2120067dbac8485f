// SPDX-License-Identifier: Apache-2.0
// For how much of the time a limit has held the clocks of AMD's newer GPUs down.
#pragma once

#include <vector>

#include "model/inputs.h"
#include "sources/amdgpu/gpus.h"

namespace gpud {

struct Throttling {
  const amdgpu::Gpu* gpu = nullptr;
  double percent = 0;
};

/// By the counters of the limit between the two latest readings; GPUs without them (gpu_metrics
/// before 1.6), or whose counters began anew, are left out.
std::vector<Throttling> ThrottlingSince(const Inputs& in, Result<double> amdgpu::Metrics::*ticks);

/// The same GPU at the reading before; null when there was none.
const amdgpu::Gpu* GpuBefore(const Inputs& in, const amdgpu::Gpu& gpu);

}  // namespace gpud
