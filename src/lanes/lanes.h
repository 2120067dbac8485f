// SPDX-License-Identifier: Apache-2.0
// Lanes: where sources run. The host lane is a thread; all others are child processes of the same
// binary with a deadline, a kill and a back-off, so that a hung driver or mount costs one lane.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "lanes/kernel_log.h"
#include "model/status.h"
#include "platform/loop.h"
#include "sources/source.h"

namespace gpud::lanes {

struct Options {
  std::string root = "/";  ///< the machine's root, given to the children too
  /// The program of the children; /proc/self/exe is opened once at start, so that an upgraded or
  /// deleted binary does not matter. Run as `<exe> lane <name> --root <root>`.
  std::string executable = "/proc/self/exe";
  /// How long a source whose reading had to be killed, or crashed, is left alone; doubles each time
  /// until it answers. The lane's other sources are not: its next process serves them at once.
  std::chrono::milliseconds first_pause{1000};
  std::chrono::milliseconds longest_pause{60'000};
  /// Children that do not die after SIGKILL (D state) and are left behind; beyond this many of a
  /// lane none is started any more until one of them is gone.
  std::size_t most_left_behind = 3;
  /// Sources of the gpu lane are not supported on a machine without a GPU, and its process is not
  /// started there.
  bool gpu_lane_needs_gpu = false;
  std::uint64_t child_memory_bytes = 256u << 20;  ///< RLIMIT_DATA of a child
};

class Lanes {
 public:
  /// `kernel_log`: what the host lane's thread listens to besides (opened already; null = nothing);
  /// its batches go to `on_kernel_log`, on the loop.
  Lanes(Loop& loop, const Clock& clock, Options options, std::unique_ptr<KernelLog> kernel_log,
        std::function<void(KernelLogBatch)> on_kernel_log = {});
  /// Stops the host thread, kills and reaps the children (waits at most a second for them).
  ~Lanes();
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;

  /// Reads a source; `done` runs once, on the loop: with the snapshot, or with an error in its
  /// place: kTimeout when the source's deadline has passed, kInternal when its process crashed or
  /// spoke garbage; the same again, at once, while the source is left alone after that. While a
  /// reading of the same source runs, joins it.
  void Read(const SourceType& source, std::function<void(Snapshot)> done);

  /// While `held`, the kernel's log is not read: its records wait in the kernel's ring.
  void HoldKernelLog(bool held);

  /// What is stuck, in words that name lane, source, since when, how often killed, what was left
  /// behind with its kernel stack where readable; and how many records of the kernel log were none.
  std::vector<SelfFinding> Findings() const;
  /// Pids of the living children (tests, memory accounting).
  std::vector<int> Children() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The child's side: reads requests on descriptor 0, answers on descriptor 1 until the pipe ends.
int LaneMain(std::span<const SourceType* const> sources, const std::string& lane,
             const std::string& root);

}  // namespace gpud::lanes
