// SPDX-License-Identifier: Apache-2.0
// Units of systemd that matter on a GPU node, and which units have failed, over D-Bus.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sources/source.h"

namespace gpud::systemd {

/// A unit that is looked at, by whatever name a distribution gives it.
struct Watched {
  std::string_view unit;
  std::string_view service;  ///< what it does, one word for all its names
};
inline constexpr Watched kWatched[] = {
    {"nvidia-fabricmanager.service", "fabricmanager"},
    {"nvidia-persistenced.service", "persistenced"},
    {"nvidia-imex.service", "imex"},
    {"nvidia-dcgm.service", "dcgm"},
    {"dcgm.service", "dcgm"},
    {"containerd.service", "container_runtime"},
    {"crio.service", "container_runtime"},
    {"docker.service", "container_runtime"},
    {"kubelet.service", "kubelet"},
    {"k3s.service", "kubelet"},
    {"k3s-agent.service", "kubelet"},
    {"rke2-server.service", "kubelet"},
    {"rke2-agent.service", "kubelet"},
    {"slurmd.service", "slurmd"},
    {"munge.service", "munge"},
    {"tailscaled.service", "tailscaled"},
    {"chrony.service", "timesync"},
    {"chronyd.service", "timesync"},
    {"ntp.service", "timesync"},
    {"ntpd.service", "timesync"},
    {"ntpsec.service", "timesync"},
    {"systemd-timesyncd.service", "timesync"},
    {"podman.service", "podman"},
};

struct Unit {
  std::string name;
  std::string active;  ///< "active", "reloading", "inactive", "failed", "activating" ...
  std::string sub;     ///< "running", "dead", "auto-restart" ...
  std::string file;    ///< "enabled", "disabled", "static", "masked" ...; empty when not told
  std::string result;  ///< of its last run: "success", "exit-code", "timeout" ...
  std::optional<std::uint64_t> restarts;  ///< by systemd, since it was last started by hand (235)
  WallTime changed{};                     ///< when `active` last changed; zero when never

  /// A machine is meant to run it.
  bool IsEnabled() const {
    return file == "enabled" || file == "enabled-runtime" || file == "linked" ||
           file == "generated";
  }
  static constexpr auto Fields() {
    using U = Unit;
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"name", &U::name},
                      Field{"active", &U::active},
                      Field{"sub", &U::sub},
                      Field{"file", &U::file, kOmit},
                      Field{"result", &U::result, kOmit},
                      Field{"restarts", &U::restarts, kOmit},
                      Field{"changed", &U::changed}};
  }
};

struct Units {
  std::string version;              ///< of systemd: "252.39-1~deb12u1"
  std::vector<Unit> watched;        ///< those of kWatched that are loaded
  std::vector<std::string> failed;  ///< names of all failed units, sorted; the first 64
  std::uint64_t failed_count = 0;

  /// Null when it is not loaded.
  const Unit* Find(std::string_view name) const;
  static constexpr auto Fields() {
    using U = Units;
    return std::tuple{Field{"version", &U::version}, Field{"watched", &U::watched},
                      Field{"failed", &U::failed}, Field{"failed_count", &U::failed_count}};
  }
};

/// Errors in place of the snapshot: kUnsupported where systemd is not process 1, D-Bus does not run
/// or libsystemd is missing; kPermission, kTimeout, kIo, with what D-Bus said.
/// Source: org.freedesktop.systemd1(5), ListUnitsByPatterns and the properties of units.
extern const SourceType kUnits;

}  // namespace gpud::systemd
