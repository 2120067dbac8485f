// SPDX-License-Identifier: Apache-2.0
// /sys/class/kfd: what the compute side of AMD's driver tells: which GPUs are linked (XGMI), and
// which processes compute on them.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/fields.h"
#include "platform/root.h"

namespace gpud::amdgpu {

/// A process that computes on a GPU.
struct ComputeProcess {
  std::uint32_t pid = 0;
  std::uint64_t memory_bytes = 0;
  std::uint64_t sdma_us = 0;  ///< time of the copy engines, total

  static constexpr auto Fields() {
    using P = ComputeProcess;
    return std::tuple{Field{"pid", &P::pid}, Field{"memory_bytes", &P::memory_bytes},
                      Field{"sdma_us", &P::sdma_us}};
  }
};

/// What KFD knows of one GPU; the nodes of a partitioned GPU are put together.
struct KfdGpu {
  std::vector<std::string> ids;  ///< gpu_id of its nodes
  std::set<std::string> peers;   ///< PCI addresses of the GPUs that XGMI links it to
  std::uint64_t hive_id = 0;     ///< of the group of linked GPUs; 0: none
  /// kNotFound on kernels that do not tell (before 5.9).
  Result<std::vector<ComputeProcess>> processes = std::vector<ComputeProcess>();
};

/// By PCI address; empty where the kernel has no KFD. Errors: as Root::List.
/// Source: drivers/gpu/drm/amd/amdkfd/kfd_topology.c and kfd_process.c (Linux 4.16; processes 5.9).
Result<std::map<std::string, KfdGpu>> ReadKfd(const Root& root);

}  // namespace gpud::amdgpu
