// SPDX-License-Identifier: Apache-2.0
// Which processes use each GPU of AMD's and Intel's: a sample of their number, and the list as
// data.
#pragma once

#include <map>

#include "components/drm_gpu.h"
#include "sources/drm/clients.h"

namespace gpud {

/// Memory in bytes by process, of one GPU.
using GpuUsers = std::map<std::uint32_t, std::uint64_t>;

/// Adds the processes that have the GPU open, with what they hold of its own memory.
void AddUsers(const drm::Clients& clients, const drm::Gpu& gpu, GpuUsers& users);

/// Adds the samples of one GPU, and its list to `data` (a JSON list that is being built).
void ReportUsers(const drm::Gpu& gpu, const GpuUsers& users, std::string_view count_metric,
                 std::string_view memory_metric, Report& report, std::string& data);

}  // namespace gpud
