// SPDX-License-Identifier: Apache-2.0
// Who uses the GPUs, as metrics: by GPU, and by workload with a bounded number of series.
#pragma once

#include <vector>

#include "export/prometheus.h"
#include "sources/gpu/processes.h"

namespace gpud::prometheus {

/// Processes of each GPU; device memory of each workload (pod, batch job, container, else the user
/// on the host): the 32 that have most, and one series for all others. There are no labels that
/// change with every process.
std::vector<Family> GpuUseFamilies(const gpu::Processes& processes);

}  // namespace gpud::prometheus
