// SPDX-License-Identifier: Apache-2.0
// How daemons that answer on a socket are judged: container runtimes, the kubelet, tailscaled.
#pragma once

#include <optional>
#include <string_view>

#include "components/findings.h"
#include "model/inputs.h"
#include "sources/local/daemon.h"

namespace gpud {

struct DaemonKind {
  std::string_view component;
  std::string_view process;  ///< "dockerd"
  std::string_view unit;     ///< of systemd: "docker.service"
};

/// Adds what is wrong with the daemon:
///  - it does not run, and its unit is enabled and has failed a minute ago or longer,
///  - it has run for five minutes, and has answered neither now nor at the check before.
/// Gives the error when that can only be told at the next check, or not at all (permissions): the
/// component is Unknown then. A daemon that does not know the question (kUnsupported) answers.
/// The component needs systemd::kUnits. `before`: the reading before, or null.
std::optional<Error> JudgeDaemon(const Inputs& in, const DaemonKind& kind, const local::Daemon& now,
                                 const local::Daemon* before, Findings& findings);

/// Whether systemd says that the unit runs; nothing when it cannot be asked or has no such unit.
std::optional<bool> IsUnitActive(const Inputs& in, std::string_view unit);

}  // namespace gpud
