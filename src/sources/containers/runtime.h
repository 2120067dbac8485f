// SPDX-License-Identifier: Apache-2.0
// Container runtimes: what they say of themselves, of their pods and their containers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sources/local/daemon.h"
#include "sources/source.h"

namespace gpud::containers {

struct Container {
  std::string id, name, image;
  std::string state;  ///< "running", "exited", "restarting", "created", "paused", "dead", "unknown"
  WallTime created{};
  std::string sandbox;                  ///< id of its pod; empty: in none that the runtime knows
  std::string pod_name, pod_namespace;  ///< Docker's labels of an old kubelet
  std::uint64_t restarts = 0;           ///< of containers of pods
  bool unhealthy = false;               ///< its own check says so (Docker's HEALTHCHECK)

  bool operator==(const Container&) const = default;
  static constexpr auto Fields() {
    using C = Container;
    return std::tuple{Field{"id", &C::id},
                      Field{"name", &C::name},
                      Field{"image", &C::image},
                      Field{"state", &C::state},
                      Field{"created", &C::created},
                      Field{"sandbox", &C::sandbox},
                      Field{"pod_name", &C::pod_name},
                      Field{"pod_namespace", &C::pod_namespace},
                      Field{"restarts", &C::restarts},
                      Field{"unhealthy", &C::unhealthy}};
  }
};

struct Pod {
  std::string id, name, name_space, uid;
  bool ready = false;
  WallTime created{};

  bool operator==(const Pod&) const = default;
  static constexpr auto Fields() {
    using P = Pod;
    return std::tuple{
        Field{"id", &P::id},   Field{"name", &P::name},   Field{"namespace", &P::name_space},
        Field{"uid", &P::uid}, Field{"ready", &P::ready}, Field{"created", &P::created}};
  }
};

struct Runtime {
  local::Daemon daemon;
  std::vector<Pod> pods;              ///< none of Docker and Podman
  std::vector<Container> containers;  ///< dead ones too; 1,024 at most
  std::uint64_t left_out = 0;         ///< containers beyond these
  /// Why pods and containers are missing, though the daemon answers.
  std::optional<Error> list_error;

  static constexpr auto Fields() {
    using R = Runtime;
    return std::tuple{Field{"daemon", &R::daemon}, Field{"pods", &R::pods},
                      Field{"containers", &R::containers}, Field{"left_out", &R::left_out},
                      Field{"list_error", &R::list_error}};
  }
};

struct Docker : Runtime {};
struct Podman : Runtime {};
struct Containerd : Runtime {};
struct Crio : Runtime {};

/// Error in place of the snapshot: kUnsupported when there is no such socket.
/// Sources: Docker Engine API 1.24 (GET /version, /containers/json) on /run/docker.sock, the same
/// of Podman on /run/podman/podman.sock.
extern const SourceType kDocker;
extern const SourceType kPodman;
/// The Container Runtime Interface v1 (k8s.io/cri-api, api.proto) on
/// /run/containerd/containerd.sock or K3s's own, and on /run/crio/crio.sock.
extern const SourceType kContainerd;
extern const SourceType kCrio;

inline constexpr std::size_t kMostContainers = 1024;

/// The answer to GET /containers/json?all=1. Error: kParse.
Result<void> ParseEngineList(std::string_view json, Runtime& into);
/// Answers of the CRI. Errors: kParse.
Result<std::string> ParseCriVersion(std::string_view message);
Result<void> ParseCriPods(std::string_view message, Runtime& into);
Result<void> ParseCriContainers(std::string_view message, Runtime& into);

}  // namespace gpud::containers
