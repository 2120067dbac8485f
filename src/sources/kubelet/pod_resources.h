// SPDX-License-Identifier: Apache-2.0
// Which pod has which device: the kubelet's pod-resources service.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sources/source.h"

namespace gpud::kubelet {

/// A device that a container was given, by a device plugin or by a claim (DRA).
struct PodDevice {
  std::string name_space, pod, container;
  /// "nvidia.com/gpu", "nvidia.com/mig-1g.10gb", any name of a device plugin; of a claim the
  /// driver: "gpu.nvidia.com".
  std::string resource;
  /// As the plugin or driver calls it: "GPU-<uuid>", "MIG-<uuid>", "GPU-<uuid>::3" when shared by
  /// time, "nvidia0/gi1", "0000:c1:00.0", "gpu-0".
  std::string device;

  bool operator==(const PodDevice&) const = default;
  static constexpr auto Fields() {
    using P = PodDevice;
    return std::tuple{Field{"namespace", &P::name_space}, Field{"pod", &P::pod},
                      Field{"container", &P::container}, Field{"resource", &P::resource},
                      Field{"device", &P::device}};
  }
};

struct PodResources {
  std::vector<PodDevice> devices;  ///< the first 8,192

  static constexpr auto Fields() { return std::tuple{Field{"devices", &PodResources::devices}}; }
};

/// A ListPodResourcesResponse. Error: kParse. Source: k8s.io/kubelet/pkg/apis/podresources/v1,
/// api.proto.
Result<PodResources> ParsePodResources(std::string_view message);

/// Errors in place of the snapshot: kUnsupported where there is no kubelet, or one without the
/// service; else as grpc::Call. The service is stable since Kubernetes 1.28, and on since 1.15.
extern const SourceType kPodResources;

}  // namespace gpud::kubelet
