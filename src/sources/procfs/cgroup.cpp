// SPDX-License-Identifier: Apache-2.0
#include "sources/procfs/cgroup.h"

#include <algorithm>

#include "platform/text.h"

namespace gpud::procfs {
namespace {

constexpr auto kNone = std::string_view::npos;

bool IsHex(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789abcdef") == kNone;
}

/// "6f1a" of "cri-containerd-6f1a.scope", and of "kubepods-pod1.slice:cri-containerd:6f1a" as runc
/// without systemd writes it.
std::string_view ContainerOfScope(std::string_view part) {
  constexpr std::string_view kSuffix = ".scope";
  const bool scope = part.ends_with(kSuffix);
  if (scope) part.remove_suffix(kSuffix.size());
  const std::size_t colon = part.find(':');
  if (!scope && colon == kNone) return {};
  if (!scope) part.remove_prefix(colon + 1);
  for (const std::string_view runtime : {"cri-containerd", "docker", "crio-conmon", "crio",
                                         "libpod-conmon", "libpod", "containerd", "nerdctl"}) {
    if (!part.starts_with(runtime)) continue;
    const std::string_view id = part.substr(runtime.size());
    if (id.starts_with(scope ? '-' : ':')) return id.substr(1);
  }
  return {};
}

/// The uid of "pod3b1d-9c0e" or "kubepods-burstable-pod3b1d_9c0e.slice", which writes '_' for '-'.
std::string PodUidOf(std::string_view part) {
  part = part.substr(0, part.find(':'));
  const bool slice = part.starts_with("kubepods") && part.ends_with(".slice");
  if (slice) {
    part.remove_suffix(6);
    const std::size_t pod = part.rfind("-pod");
    if (pod == kNone) return {};
    part.remove_prefix(pod + 1);
  }
  if (!part.starts_with("pod") || part.size() == 3) return {};
  std::string uid(part.substr(3));
  std::replace(uid.begin(), uid.end(), '_', '-');
  return uid;
}

}  // namespace

CgroupOwner ParseCgroupPath(std::string_view path) {
  constexpr std::string_view kJob = "job_";
  constexpr std::size_t kFullId = 64;  // hex digits
  CgroupOwner owner;
  std::string_view before;
  for (const std::string_view part : Split(path, '/')) {
    if (const std::string uid = PodUidOf(part); !uid.empty()) owner.pod_uid = uid;
    if (const auto id = ContainerOfScope(part); !id.empty()) owner.container = id;
    const bool bare_id =
        IsHex(part) && (before == "docker" || before == "libpod_parent" || part.size() == kFullId ||
                        (before.starts_with("pod") && !owner.pod_uid.empty()));
    if (bare_id) owner.container = part;
    if (part.starts_with(kJob) && ParseNumber<std::uint64_t>(part.substr(kJob.size())) &&
        path.find("slurm") != kNone) {
      owner.slurm_job = part.substr(kJob.size());
    }
    before = part;
  }
  return owner;
}

Result<CgroupOwner> ReadCgroupOwner(const Root& root, std::string_view pid) {
  const auto text = root.Read("/proc/" + std::string(pid) + "/cgroup");
  if (!text) return Pass(text, "control group of process " + std::string(pid));
  CgroupOwner owner;
  std::string_view rest = *text;
  for (std::string_view line; NextLine(rest, line);) {
    // "HIERARCHY:CONTROLLERS:PATH"; with version 1 there are a dozen of them.
    const std::size_t first = line.find(':');
    const std::size_t second = first == kNone ? kNone : line.find(':', first + 1);
    if (second == kNone) continue;
    const CgroupOwner here = ParseCgroupPath(line.substr(second + 1));
    if (owner.container.empty()) owner.container = here.container;
    if (owner.pod_uid.empty()) owner.pod_uid = here.pod_uid;
    if (owner.slurm_job.empty()) owner.slurm_job = here.slurm_job;
  }
  return owner;
}

}  // namespace gpud::procfs
