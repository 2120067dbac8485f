// SPDX-License-Identifier: Apache-2.0
// Docker's Engine API, which Podman serves too.
#include "platform/json.h"
#include "platform/text.h"
#include "sources/containers/runtime.h"
#include "sources/local/http.h"

namespace gpud::containers {
namespace {

using std::chrono::milliseconds;

std::string TextOf(const Json* json) {
  const std::string* const text = json ? json->AsString() : nullptr;
  return text ? *text : std::string();
}

/// "/name"; a linked container has several.
std::string NameOf(const Json& container) {
  const Json* const names = container.Find("Names");
  const Json::Array* const list = names ? names->AsArray() : nullptr;
  std::string name = list && !list->empty() ? TextOf(&list->front()) : std::string();
  if (name.starts_with('/')) name.erase(0, 1);
  return name;
}

WallTime CreatedOf(const Json& container) {
  double storage = 0;
  const Json* const created = container.Find("Created");
  const double* const seconds = created ? created->AsNumber(storage) : nullptr;
  constexpr double kMost = 4e9;
  if (!seconds || *seconds < 0 || *seconds > kMost) return {};  // Podman's Swagger allows a text
  return WallTime(std::chrono::seconds(static_cast<std::int64_t>(*seconds)));
}

struct Place {
  std::string_view process, socket, name;
};

Result<Runtime> ReadEngine(const Host& host, const Place& place) {
  const std::string socket(place.socket);
  if (!host.root.Exists(socket)) {
    return Fail(ErrorCode::kUnsupported, socket + ": there is no " + std::string(place.name));
  }
  Runtime runtime;
  const auto age = local::ProcessAgeSeconds(host, place.process);
  if (!age) return runtime;
  runtime.daemon.running = true;
  runtime.daemon.age_seconds = *age;
  const auto version = local::HttpBody(
      host.root, {.socket = socket, .target = "/version", .patience = milliseconds(1500)});
  if (!version) {
    runtime.daemon.answer = tl::unexpected<Error>(version.error());
    return runtime;
  }
  const auto json = ParseJson(*version);
  std::string text = json ? TextOf(json->Find("Version")) : std::string();
  if (text.empty()) {
    runtime.daemon.answer = Fail(ErrorCode::kParse, socket + ": /version names no version");
    return runtime;
  }
  runtime.daemon.answer = std::move(text);
  // With the states of many containers it can take seconds.
  const auto list = local::HttpBody(
      host.root,
      {.socket = socket, .target = "/containers/json?all=1", .patience = milliseconds(3000)});
  const auto read =
      list ? ParseEngineList(*list, runtime) : Result<void>(tl::unexpected<Error>(list.error()));
  if (!read) runtime.list_error = read.error();
  return runtime;
}

template <class T>
void Read(const Host& host, Inputs& into, const Place& place) {
  into.Put<T>(ReadEngine(host, place).map([](Runtime runtime) { return T{std::move(runtime)}; }));
}

}  // namespace

Result<void> ParseEngineList(std::string_view text, Runtime& into) {
  const auto json = ParseJson(text);
  const Json::Array* const list = json ? json->AsArray() : nullptr;
  if (!list) return Fail(ErrorCode::kParse, "/containers/json: no list of containers");
  for (const Json& entry : *list) {
    if (into.containers.size() == kMostContainers) {
      ++into.left_out;
      continue;
    }
    const Json* const labels = entry.Find("Labels");
    const auto label = [&](std::string_view name) {
      return TextOf(labels ? labels->Find(name) : nullptr);
    };
    into.containers.push_back(
        {.id = TextOf(entry.Find("Id")),
         .name = NameOf(entry),
         .image = TextOf(entry.Find("Image")),
         .state = ToLower(TextOf(entry.Find("State"))),
         .created = CreatedOf(entry),
         .pod_name = label("io.kubernetes.pod.name"),
         .pod_namespace = label("io.kubernetes.pod.namespace"),
         .unhealthy = TextOf(entry.Find("Status")).find("(unhealthy)") != std::string::npos});
  }
  return {};
}

constinit const SourceType kDocker{
    .name = "containers/docker",
    .lane = Lane::kMounts,  // the engine may hang, with its disks
    .deadline = milliseconds(6000),
    .snapshot = &kSnapshot<Docker>,
    .read =
        [](const Host& host, Inputs& into) {
          Read<Docker>(host, into, {"dockerd", "/run/docker.sock", "Docker"});
        },
};

constinit const SourceType kPodman{
    .name = "containers/podman",
    .lane = Lane::kMounts,
    .deadline = milliseconds(6000),
    .snapshot = &kSnapshot<Podman>,
    .read =
        [](const Host& host, Inputs& into) {
          Read<Podman>(host, into, {"podman", "/run/podman/podman.sock", "Podman"});
        },
};

}  // namespace gpud::containers
