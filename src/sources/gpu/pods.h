// SPDX-License-Identifier: Apache-2.0
// Which pod a process belongs to, by two independent ways: its control group tells the pod's uid,
// the kubelet tells to which pod the GPU was given.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sources/gpu/processes.h"
#include "sources/kubelet/pod_resources.h"

namespace gpud::gpu {

/// Fills in namespace, name and container where both ways agree on one pod. A process that is in no
/// pod is never given one, nor is one whose GPU is shared by several; a process that cannot be
/// looked at is its GPU's pod's, when that is the only one.
void NamePods(const kubelet::PodResources& resources, std::vector<Process>& processes);

/// The one container that a whole GPU was given to, by the GPU's UUID.
std::map<std::string, procfs::Pod> Holders(const kubelet::PodResources& resources);

}  // namespace gpud::gpu
