// SPDX-License-Identifier: Apache-2.0
// Whose process was killed: the container and the pod that a control group's path names.
#pragma once

#include <string>
#include <string_view>

namespace gpud::memory {

struct KillPlace {
  std::string container;  ///< its id, in full or as far as the path has it; empty: none
  std::string pod;        ///< uid of the Kubernetes pod, with dashes; empty: none
};

/// Understands the paths of containerd, CRI-O, Docker and Podman, with the systemd driver
/// ("...-pod3b1d_9c0e.slice/cri-containerd-6f1a.scope") and the cgroupfs one ("/kubepods/burstable/
/// pod3b1d-9c0e/6f1a", "/docker/6f1a").
KillPlace PlaceOf(std::string_view cgroup);

}  // namespace gpud::memory
