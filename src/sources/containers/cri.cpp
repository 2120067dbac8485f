// SPDX-License-Identifier: Apache-2.0
// The Container Runtime Interface of Kubernetes, which containerd and CRI-O serve.
#include <algorithm>
#include <span>

#include "platform/text.h"
#include "sources/containers/runtime.h"
#include "sources/grpc/call.h"
#include "sources/grpc/protobuf.h"

namespace gpud::containers {
namespace {

using grpc::ProtobufField;
using grpc::ProtobufReader;
using std::chrono::milliseconds;

WallTime FromNanoseconds(std::uint64_t nanoseconds) {
  constexpr std::uint64_t kPerMicrosecond = 1000;
  return WallTime(std::chrono::microseconds(nanoseconds / kPerMicrosecond));
}

/// The text in a field of a message.
std::string Text(std::string_view message, std::uint32_t number) {
  ProtobufReader reader(message);
  std::string text;
  for (ProtobufField field; reader.Next(field);) {
    if (field.number == number && field.has_bytes) text = ValidUtf8(field.bytes);
  }
  return text;
}

std::uint64_t Number(std::string_view message, std::uint32_t number) {
  ProtobufReader reader(message);
  std::uint64_t value = 0;
  for (ProtobufField field; reader.Next(field);) {
    if (field.number == number && !field.has_bytes) value = field.value;
  }
  return value;
}

// PodSandbox: id 1, metadata 2 (name 1, uid 2, namespace 3), state 3 (0: ready), created_at 4
bool ParsePod(std::string_view message, Pod& pod) {
  ProtobufReader reader(message);
  pod.ready = true;  // protobuf leaves out zeros
  for (ProtobufField field; reader.Next(field);) {
    if (field.number == 1 && field.has_bytes) pod.id = ValidUtf8(field.bytes);
    if (field.number == 2 && field.has_bytes) {
      pod.name = Text(field.bytes, 1);
      pod.uid = Text(field.bytes, 2);
      pod.name_space = Text(field.bytes, 3);
    }
    if (field.number == 3) pod.ready = field.value == 0;
    if (field.number == 4) pod.created = FromNanoseconds(field.value);
  }
  return reader.ok();
}

// Container: id 1, pod_sandbox_id 2, metadata 3 (name 1, attempt 2), image 4 (image 1), state 6,
// created_at 7
bool ParseContainer(std::string_view message, Container& container) {
  constexpr std::string_view kStates[] = {"created", "running", "exited", "unknown"};
  ProtobufReader reader(message);
  container.state = kStates[0];
  for (ProtobufField field; reader.Next(field);) {
    if (field.number == 1 && field.has_bytes) container.id = ValidUtf8(field.bytes);
    if (field.number == 2 && field.has_bytes) container.sandbox = ValidUtf8(field.bytes);
    if (field.number == 3 && field.has_bytes) {
      container.name = Text(field.bytes, 1);
      container.restarts = Number(field.bytes, 2);
    }
    if (field.number == 4 && field.has_bytes) container.image = Text(field.bytes, 1);
    if (field.number == 6) {
      container.state = kStates[std::min<std::uint64_t>(field.value, std::size(kStates) - 1)];
    }
    if (field.number == 7) container.created = FromNanoseconds(field.value);
  }
  return reader.ok();
}

/// Parses each message in field 1 of an answer with `parse`, which takes one and says whether it is
/// well-formed.
template <class Parse>
Result<void> EachOf(std::string_view message, const char* what, const Parse& parse) {
  ProtobufReader reader(message);
  bool good = true;
  for (ProtobufField field; good && reader.Next(field);) {
    if (field.number == 1 && field.has_bytes) good = parse(field.bytes);
  }
  if (!good || !reader.ok()) return Fail(ErrorCode::kParse, std::string("CRI: no list of ") + what);
  return {};
}

struct Place {
  std::string_view process, name;
  std::span<const std::string_view> sockets;
};

Result<void> ReadLists(const Host& host, const std::string& socket, Runtime& into) {
  const auto call = [&](const char* method) {
    return grpc::Call(host.root, {.socket = socket,
                                  .method = std::string("/runtime.v1.RuntimeService/") + method,
                                  .message = {},
                                  .patience = milliseconds(2000),
                                  .most_bytes = 16 << 20});
  };
  const auto pods = call("ListPodSandbox");
  if (!pods) return tl::unexpected<Error>(pods.error());
  if (auto read = ParseCriPods(*pods, into); !read) return read;
  const auto containers = call("ListContainers");
  if (!containers) return tl::unexpected<Error>(containers.error());
  return ParseCriContainers(*containers, into);
}

Result<Runtime> ReadCri(const Host& host, const Place& place) {
  std::string socket;
  for (const std::string_view candidate : place.sockets) {
    if (socket.empty() && host.root.Exists(candidate)) socket = candidate;
  }
  if (socket.empty()) {
    return Fail(ErrorCode::kUnsupported,
                std::string(place.sockets.front()) + ": there is no " + std::string(place.name));
  }
  Runtime runtime;
  const auto age = local::ProcessAgeSeconds(host, place.process);
  if (!age) return runtime;
  runtime.daemon.running = true;
  runtime.daemon.age_seconds = *age;
  runtime.daemon.answer =
      grpc::Call(host.root, {.socket = socket, .method = "/runtime.v1.RuntimeService/Version"})
          .and_then([](const std::string& message) { return ParseCriVersion(message); });
  if (!runtime.daemon.answer) return runtime;
  if (const auto read = ReadLists(host, socket, runtime); !read) runtime.list_error = read.error();
  return runtime;
}

template <class T>
void Read(const Host& host, Inputs& into, const Place& place) {
  into.Put<T>(ReadCri(host, place).map([](Runtime runtime) { return T{std::move(runtime)}; }));
}

}  // namespace

Result<std::string> ParseCriVersion(std::string_view message) {
  constexpr std::uint32_t kRuntimeVersion = 3;
  std::string version = Text(message, kRuntimeVersion);
  if (version.empty()) return Fail(ErrorCode::kParse, "CRI: the answer names no version");
  return version;
}

Result<void> ParseCriPods(std::string_view message, Runtime& into) {
  return EachOf(message, "pods", [&](std::string_view pod) {
    if (into.pods.size() == kMostContainers) return true;
    return ParsePod(pod, into.pods.emplace_back());
  });
}

Result<void> ParseCriContainers(std::string_view message, Runtime& into) {
  return EachOf(message, "containers", [&](std::string_view container) {
    if (into.containers.size() < kMostContainers) {
      return ParseContainer(container, into.containers.emplace_back());
    }
    ++into.left_out;
    return true;
  });
}

constinit const SourceType kContainerd{
    .name = "containers/containerd",
    .lane = Lane::kMounts,  // the runtime may hang, with its disks
    .deadline = milliseconds(6000),
    .snapshot = &kSnapshot<Containerd>,
    .read =
        [](const Host& host, Inputs& into) {
          constexpr std::string_view kSockets[] = {"/run/containerd/containerd.sock",
                                                   "/run/k3s/containerd/containerd.sock"};
          Read<Containerd>(host, into, {"containerd", "containerd", kSockets});
        },
};

constinit const SourceType kCrio{
    .name = "containers/crio",
    .lane = Lane::kMounts,
    .deadline = milliseconds(6000),
    .snapshot = &kSnapshot<Crio>,
    .read =
        [](const Host& host, Inputs& into) {
          constexpr std::string_view kSockets[] = {"/run/crio/crio.sock"};
          Read<Crio>(host, into, {"crio", "CRI-O", kSockets});
        },
};

}  // namespace gpud::containers
