// SPDX-License-Identifier: Apache-2.0
// The host lane: a thread of the daemon that reads cheap, kernel-backed files and the kernel's log.
#pragma once

#include <functional>
#include <memory>
#include <thread>

#include "lanes/kernel_log.h"
#include "lanes/lane.h"

namespace gpud::lanes {

/// The thread "gpud-host": runs jobs one after the other and listens to the kernel's log between
/// them. Its methods are for the loop's thread.
class HostThread {
 public:
  explicit HostThread(Loop& loop);
  /// Waits a second at most for the job at hand, then leaves the thread behind.
  ~HostThread();
  HostThread(const HostThread&) = delete;
  HostThread& operator=(const HostThread&) = delete;

  /// Runs `job` on the thread, then `done` on the loop.
  void Run(std::function<void()> job, std::function<void()> done);
  /// Reads `log` from now on; `call` gets what it gives, on the loop: one batch after the other,
  /// the next is read when the one before has been taken.
  void Listen(std::unique_ptr<KernelLog> log, std::function<void(KernelLogBatch)> call);
  /// While `held`, no more is read of the log (but for a batch on its way); jobs run all the same.
  void HoldLog(bool held);

 private:
  struct Shared;
  static void Body(const std::shared_ptr<Shared>& shared);

  // Shared with the thread, which a hung job may keep alive for longer than this object.
  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

class HostLane final : public ReadingLane {
 public:
  HostLane(Loop& loop, const Clock& clock, const Options& options, HostThread& thread);

 private:
  Result<void> Start(const SourceType& source) override;
  Abandoned Abandon() override { return Abandoned::kStuck; }

  HostThread& thread_;
  std::shared_ptr<const Root> root_;  // a hung reading may outlive this object
  std::shared_ptr<HostLane*> self_;   // gone when this object is
};

}  // namespace gpud::lanes
