// SPDX-License-Identifier: Apache-2.0
#include "sources/gpu/pods.h"

#include <algorithm>

namespace gpud::gpu {
namespace {

/// Without what marks a share of the device's time: "GPU-1::3".
std::string_view DeviceId(const kubelet::PodDevice& device) {
  const std::string_view id = device.device;
  return id.substr(0, id.find("::"));
}

bool IsPart(std::string_view id, const Process& process, const MigPart& part) {
  if (!part.uuid.empty() && id == part.uuid) return true;
  // GKE's own device plugin: "nvidia0/gi1".
  return process.minor && id == "nvidia" + std::to_string(*process.minor) + "/gi" +
                                    std::to_string(part.gpu_instance);
}

/// Whether a device of the kubelet's list is what the process runs on.
bool Is(const kubelet::PodDevice& device, const Process& process) {
  const std::string_view id = DeviceId(device);
  if (process.mig) return IsPart(id, process, *process.mig);
  if (id == process.bus_id || (!process.uuid.empty() && id == process.uuid)) return true;
  if (!process.minor) return false;
  const std::string minor = std::to_string(*process.minor);
  switch (process.vendor) {
    case Vendor::kNvidia:  // GKE's own device plugin, and NVIDIA's driver for claims
      return id == "nvidia" + minor ||
             (device.resource == "gpu.nvidia.com" && id == "gpu-" + minor);
    case Vendor::kAmd:
      return device.resource.starts_with("amd.com/") && id == "card" + minor;
    case Vendor::kIntel:  // "card0-1" is the second share of it
      return device.resource.starts_with("gpu.intel.com/") &&
             id.substr(0, id.find('-')) == "card" + minor;
  }
  return false;
}

/// The pod of all that are given, or null when there is none or there are several. The container
/// is left empty when it could be one of several.
std::optional<procfs::Pod> OnlyOne(const std::vector<const kubelet::PodDevice*>& given) {
  if (given.empty()) return std::nullopt;
  const kubelet::PodDevice& first = *given.front();
  procfs::Pod pod{.name_space = first.name_space, .name = first.pod, .container = first.container};
  for (const kubelet::PodDevice* other : given) {
    if (other->name_space != pod.name_space || other->pod != pod.name) return std::nullopt;
    if (other->container != pod.container) pod.container.clear();
  }
  return pod;
}

}  // namespace

void NamePods(const kubelet::PodResources& resources, std::vector<Process>& processes) {
  for (Process& process : processes) {
    if (!process.pod && process.problem.empty()) continue;
    std::vector<const kubelet::PodDevice*> given;
    for (const kubelet::PodDevice& device : resources.devices) {
      if (Is(device, process)) given.push_back(&device);
    }
    auto pod = OnlyOne(given);
    if (!pod) continue;
    if (process.pod) pod->uid = process.pod->uid;
    process.pod = std::move(pod);
  }
}

std::map<std::string, procfs::Pod> Holders(const kubelet::PodResources& resources) {
  std::map<std::string, std::vector<const kubelet::PodDevice*>> given;
  for (const kubelet::PodDevice& device : resources.devices) {
    const std::string_view id = DeviceId(device);
    if (id.starts_with("GPU-")) given[std::string(id)].push_back(&device);
  }
  std::map<std::string, procfs::Pod> holders;
  for (const auto& [uuid, devices] : given) {
    if (auto pod = OnlyOne(devices)) holders.emplace(uuid, *std::move(pod));
  }
  return holders;
}

}  // namespace gpud::gpu
