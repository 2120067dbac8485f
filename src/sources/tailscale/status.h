// SPDX-License-Identifier: Apache-2.0
// Tailscale's daemon, by its socket on this machine.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sources/local/daemon.h"
#include "sources/source.h"

namespace gpud::tailscale {

struct Status {
  local::Daemon daemon;       ///< its answer is its version
  std::string backend_state;  ///< "Running", "Stopped", "NeedsLogin", "NeedsMachineAuth" ...
  std::vector<std::string> problems;  ///< what it says of its health; the first 16

  static constexpr auto Fields() {
    using S = Status;
    return std::tuple{Field{"daemon", &S::daemon}, Field{"backend_state", &S::backend_state},
                      Field{"problems", &S::problems}};
  }
};

/// The answer to GET /localapi/v0/status. Error: kParse.
Result<void> ParseStatus(std::string_view json, Status& into);

/// Error in place of the snapshot: kUnsupported without /run/tailscale/tailscaled.sock.
/// Source: tailscale.com/ipn/ipnstate, type Status.
extern const SourceType kStatus;

}  // namespace gpud::tailscale
