// SPDX-License-Identifier: Apache-2.0
#include "components/amd/throttling.h"

#include <algorithm>

namespace gpud {

const amdgpu::Gpu* GpuBefore(const Inputs& in, const amdgpu::Gpu& gpu) {
  const auto* previous = in.Previous<amdgpu::Gpus>();
  if (!previous) return nullptr;
  for (const amdgpu::Gpu& before : previous->gpus) {
    if (before.base.bus_id == gpu.base.bus_id) return &before;
  }
  return nullptr;
}

std::vector<Throttling> ThrottlingSince(const Inputs& in, Result<double> amdgpu::Metrics::*ticks) {
  std::vector<Throttling> all;
  const auto& latest = in.Latest<amdgpu::Gpus>();
  if (!latest) return all;
  for (const amdgpu::Gpu& gpu : latest->gpus) {
    const amdgpu::Gpu* before = GpuBefore(in, gpu);
    if (!before || !gpu.metrics || !before->metrics) continue;
    const amdgpu::Metrics& now = *gpu.metrics;
    const amdgpu::Metrics& then = *before->metrics;
    if (!now.ticks || !then.ticks || !(now.*ticks) || !(then.*ticks)) continue;
    const double all_ticks = *now.ticks - *then.ticks;
    const double held = *(now.*ticks) - *(then.*ticks);
    if (all_ticks <= 0 || held < 0) continue;
    all.push_back({&gpu, std::min(100.0, 100 * held / all_ticks)});
  }
  return all;
}

}  // namespace gpud
