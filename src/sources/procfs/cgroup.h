// SPDX-License-Identifier: Apache-2.0
// Whose process is it? What the path of its control group tells of container, pod and batch job.
#pragma once

#include <string>
#include <string_view>

#include "platform/root.h"

namespace gpud::procfs {

struct CgroupOwner {
  std::string container;  ///< id as the runtime writes it; empty when the process is in none
  std::string pod_uid;    ///< Kubernetes
  std::string slurm_job;  ///< number

  bool operator==(const CgroupOwner&) const = default;
};

/// Reads paths such as
///   /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod3b1d_9c0e.slice/
///     cri-containerd-6f1a.scope              containerd, CRI-O, Docker, Podman under systemd
///   /kubepods/burstable/pod3b1d-9c0e/6f1a    the same under cgroupfs
///   /docker/6f1a
///   /system.slice/slurmstepd.scope/job_4711/step_0
CgroupOwner ParseCgroupPath(std::string_view path);

/// Of a process, from /proc/PID/cgroup (cgroups(7)). Error: kNotFound when it has ended.
Result<CgroupOwner> ReadCgroupOwner(const Root& root, std::string_view pid);

}  // namespace gpud::procfs
