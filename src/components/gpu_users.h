// SPDX-License-Identifier: Apache-2.0
// Which processes use each GPU of AMD's and Intel's: samples of their number and memory, and the
// list as data.
#pragma once

#include <map>
#include <optional>

#include "components/drm_gpu.h"
#include "sources/drm/clients.h"

namespace gpud {

/// Bytes of a GPU's own memory by process.
using GpuUsers = std::map<std::uint32_t, std::uint64_t>;

/// The processes that have the GPU open.
GpuUsers UsersOf(const drm::Clients& clients, const drm::Gpu& gpu);

/// A GPU, and what its driver's compute interface (KFD) knows beside drm::Clients.
struct UsedGpu {
  const drm::Gpu* gpu = nullptr;
  GpuUsers computing;
  std::optional<Error> unread;  ///< why that could not be read
};

/// Names of the component and of its two metrics, and the reason when all is well.
struct UsersCheck {
  std::string_view component, running, memory, good;
};

Report CheckUsers(const Inputs& in, const UsersCheck& check,
                  const Result<std::vector<UsedGpu>>& gpus);

}  // namespace gpud
