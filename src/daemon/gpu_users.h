// SPDX-License-Identifier: Apache-2.0
// GpuUsers: who uses the GPUs now, as the daemon tells it: the last list, with the names of pods.
#pragma once

#include <map>
#include <span>
#include <string>

#include "sources/gpu/pods.h"
#include "sources/gpu/processes.h"

namespace gpud::daemon {

/// What GpuUsers is told of.
extern const std::span<const SourceType* const> kGpuUserSources;
/// True for a vendor's own list, after which those are to be read.
bool ListsGpuProcesses(const SourceType& source);

class GpuUsers {
 public:
  /// Takes a snapshot of one of kGpuUserSources. Of a vendor or GPU that could
  /// not be read this time, the lines of before stay, with the time at which they were read.
  void Put(const Snapshot& snapshot);

  const gpu::Processes& processes() const { return processes_; }
  /// By a GPU's UUID: the pod that has the whole of it.
  std::map<std::string, procfs::Pod> Holders() const { return gpu::Holders(pods_); }

 private:
  void Take(gpu::Processes now);

  gpu::Processes processes_;
  kubelet::PodResources pods_;
};

}  // namespace gpud::daemon
