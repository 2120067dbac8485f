// SPDX-License-Identifier: Apache-2.0
// Source: one origin of facts. The only code that touches the machine.
#pragma once

#include <chrono>
#include <string_view>

#include "model/inputs.h"
#include "platform/clock.h"
#include "platform/root.h"
#include "sources/kept.h"

namespace gpud {

/// The machine that a source is given.
struct Host {
  const Root& root;
  const Clock& clock;
  Kept* kept = nullptr;  ///< null: this is the only reading
};

/// Where a source runs: kHost in a thread of the daemon, all others in a child process, which can
/// be killed and left behind.
enum class Lane : unsigned char { kHost, kGpu, kMounts, kBmc };
template <>
struct EnumWords<Lane> {
  static constexpr std::string_view kWords[] = {"host", "gpu", "mounts", "bmc"};
};

struct SourceType {
  std::string_view name;  ///< unique, "procfs/meminfo"
  Lane lane = Lane::kHost;
  std::chrono::milliseconds deadline{2000};
  const SnapshotType* snapshot = nullptr;  ///< the type that `read` puts: &kSnapshot<T>
  /// Puts a snapshot, or the error, into the inputs.
  void (*read)(const Host&, Inputs& into) = nullptr;
};

}  // namespace gpud
