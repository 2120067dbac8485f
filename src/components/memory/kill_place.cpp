// SPDX-License-Identifier: Apache-2.0
#include "components/memory/kill_place.h"

#include <algorithm>

#include "platform/text.h"

namespace gpud::memory {
namespace {

/// "cri-containerd-6f1a.scope", "docker-6f1a.scope", and behind a colon as runc without systemd
/// writes it: "kubepods-pod1.slice:cri-containerd:6f1a".
std::string_view IdOfScope(std::string_view name) {
  for (const std::string_view runtime : {"cri-containerd", "docker", "crio-conmon", "crio",
                                         "libpod-conmon", "libpod", "containerd", "nerdctl"}) {
    const std::size_t at = name.find(runtime);
    if (at == std::string_view::npos) continue;
    std::string_view id = name.substr(at + runtime.size());
    if (!id.starts_with('-') && !id.starts_with(':')) continue;
    id.remove_prefix(1);
    if (id.ends_with(".scope")) id.remove_suffix(6);
    return id;
  }
  return {};
}

/// "kubepods-burstable-pod3b1d_9c0e.slice" and "pod3b1d-9c0e": the uid.
std::string PodOf(std::string_view name) {
  if (name.ends_with(".slice")) name.remove_suffix(6);
  const std::size_t dash = name.rfind("-pod");
  if (dash != std::string_view::npos && name.starts_with("kubepods")) name.remove_prefix(dash + 1);
  if (!name.starts_with("pod") || name.size() <= 3) return {};
  std::string uid(name.substr(3));
  std::replace(uid.begin(), uid.end(), '_', '-');
  return uid;
}

}  // namespace

KillPlace PlaceOf(std::string_view cgroup) {
  KillPlace place;
  std::string_view parent;
  for (const std::string_view name : Split(cgroup, '/')) {
    if (std::string pod = PodOf(name.substr(0, name.find(':'))); !pod.empty()) {
      place.pod = std::move(pod);
    }
    std::string_view id = IdOfScope(name);
    const bool below_pod = !place.pod.empty() && parent.starts_with("pod");
    if (id.empty() && (parent == "docker" || parent == "libpod_parent" || below_pod)) id = name;
    if (!id.empty() && place.container.empty()) place.container = id;
    parent = name;
  }
  return place;
}

}  // namespace gpud::memory
