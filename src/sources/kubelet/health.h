// SPDX-License-Identifier: Apache-2.0
// The kubelet: does it say that it is well, and, where it serves them without a login, its pods.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "sources/local/daemon.h"
#include "sources/source.h"

namespace gpud::kubelet {

/// Of /var/lib/kubelet/config.yaml; where it stands in flags, the defaults are taken.
struct Ports {
  std::uint16_t health = 10248;  ///< 0: switched off
  std::uint16_t read_only = 0;   ///< 0: switched off, as is the default

  bool operator==(const Ports&) const = default;
};
/// What the file does not tell, or not as a number, is at its default.
Ports ParsePorts(std::string_view yaml);

struct PodCounts {
  std::map<std::string, std::uint64_t> by_phase;  ///< "Running", "Pending" ...
  std::uint64_t containers_crash_looping = 0;     ///< wait in CrashLoopBackOff
  std::uint64_t container_restarts = 0;           ///< of the containers that are there now

  bool operator==(const PodCounts&) const = default;
  static constexpr auto Fields() {
    using P = PodCounts;
    return std::tuple{Field{"by_phase", &P::by_phase},
                      Field{"containers_crash_looping", &P::containers_crash_looping},
                      Field{"container_restarts", &P::container_restarts}};
  }
};
/// A PodList. Error: kParse.
Result<PodCounts> ParsePods(std::string_view json);

struct Kubelet {
  local::Daemon daemon;                   ///< its answer is that of /healthz, "ok"
  bool health_off = false;                ///< it serves no /healthz
  std::optional<Result<PodCounts>> pods;  ///< nothing without the read-only port

  static constexpr auto Fields() {
    using K = Kubelet;
    return std::tuple{Field{"daemon", &K::daemon}, Field{"health_off", &K::health_off},
                      Field{"pods", &K::pods}};
  }
};

/// Error in place of the snapshot: kUnsupported where there is no kubelet. Source: GET /healthz on
/// 127.0.0.1:10248, GET /pods on the read-only port (kubelet(8), KubeletConfiguration v1beta1).
extern const SourceType kKubelet;

}  // namespace gpud::kubelet
