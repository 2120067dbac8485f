// SPDX-License-Identifier: Apache-2.0
#include "sources/kubelet/pod_resources.h"

#include <functional>

#include "platform/text.h"
#include "sources/grpc/call.h"
#include "sources/grpc/protobuf.h"

namespace gpud::kubelet {
namespace {

using grpc::ProtobufField;
using grpc::ProtobufReader;

constexpr std::size_t kMostDevices = 8192;
constexpr std::string_view kSocket = "/var/lib/kubelet/pod-resources/kubelet.sock";

/// Calls `take` for each field that is a text or a message; false when the bytes are no message.
bool EachField(std::string_view message,
               const std::function<bool(std::uint32_t number, std::string_view bytes)>& take) {
  ProtobufReader reader(message);
  for (ProtobufField field; reader.Next(field);) {
    if (field.has_bytes && !take(field.number, field.bytes)) return false;
  }
  return reader.ok();
}

/// Walks down the answer; `at_` is filled on the way.
class Walk {
 public:
  explicit Walk(std::vector<PodDevice>& devices) : devices_(devices) {}

  bool Answer(std::string_view message) {
    return EachField(message, [this](std::uint32_t number, std::string_view bytes) {
      return number != 1 || Pod(bytes);
    });
  }

 private:
  // PodResources: name = 1, namespace = 2, containers = 3
  bool Pod(std::string_view message) {
    at_ = {};
    std::vector<std::string_view> containers;  // the names come first, but need not
    const bool good = EachField(message, [&](std::uint32_t number, std::string_view bytes) {
      if (number == 1) at_.pod = ValidUtf8(bytes);
      if (number == 2) at_.name_space = ValidUtf8(bytes);
      if (number == 3) containers.push_back(bytes);
      return true;
    });
    if (!good) return false;
    for (const std::string_view container : containers) {
      if (!Container(container)) return false;
    }
    return true;
  }

  // ContainerResources: name = 1, devices = 2, dynamic_resources = 5
  bool Container(std::string_view message) {
    std::vector<std::string_view> devices, claims;
    at_.container.clear();
    const bool good = EachField(message, [&](std::uint32_t number, std::string_view bytes) {
      if (number == 1) at_.container = ValidUtf8(bytes);
      if (number == 2) devices.push_back(bytes);
      if (number == 5) claims.push_back(bytes);
      return true;
    });
    if (!good) return false;
    for (const std::string_view device : devices) {
      if (!Devices(device)) return false;
    }
    for (const std::string_view claim : claims) {
      // DynamicResource: claim_resources = 4
      const bool claimed = EachField(claim, [this](std::uint32_t number, std::string_view bytes) {
        return number != 4 || ClaimResource(bytes);
      });
      if (!claimed) return false;
    }
    return true;
  }

  // ContainerDevices: resource_name = 1, device_ids = 2
  bool Devices(std::string_view message) {
    std::vector<std::string_view> ids;
    at_.resource.clear();
    const bool good = EachField(message, [&](std::uint32_t number, std::string_view bytes) {
      if (number == 1) at_.resource = ValidUtf8(bytes);
      if (number == 2) ids.push_back(bytes);
      return true;
    });
    for (const std::string_view id : ids) Add(id);
    return good;
  }

  // ClaimResource: driver_name = 2, device_name = 4
  bool ClaimResource(std::string_view message) {
    std::string_view device;
    at_.resource.clear();
    const bool good = EachField(message, [&](std::uint32_t number, std::string_view bytes) {
      if (number == 2) at_.resource = ValidUtf8(bytes);
      if (number == 4) device = bytes;
      return true;
    });
    if (!device.empty()) Add(device);
    return good;
  }

  void Add(std::string_view device) {
    if (devices_.size() >= kMostDevices) return;
    at_.device = ValidUtf8(device);
    devices_.push_back(at_);
  }

  std::vector<PodDevice>& devices_;
  PodDevice at_;
};

Result<PodResources> ReadPodResources(const Root& root) {
  if (!root.Exists(kSocket)) return Fail(ErrorCode::kUnsupported, "no kubelet here");
  const auto answer =
      grpc::Call(root, {.socket = std::string(kSocket), .method = "/v1.PodResourcesLister/List"});
  if (!answer) return Pass(answer, "kubelet");
  return ParsePodResources(*answer);
}

}  // namespace

Result<PodResources> ParsePodResources(std::string_view message) {
  PodResources resources;
  if (!Walk(resources.devices).Answer(message)) {
    return Fail(ErrorCode::kParse, "kubelet: the answer is no list of pod resources");
  }
  return resources;
}

constinit const SourceType kPodResources{
    .name = "kubelet/pod-resources",
    .lane = Lane::kMounts,  // the kubelet may hang with its disks
    .deadline = std::chrono::seconds(2),
    .snapshot = &kSnapshot<PodResources>,
    .read = [](const Host& host, Inputs& into) { into.Put(ReadPodResources(host.root)); },
};

}  // namespace gpud::kubelet
