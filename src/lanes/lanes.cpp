// SPDX-License-Identifier: Apache-2.0
#include "lanes/lanes.h"

#include <fcntl.h>

#include <algorithm>
#include <array>

#include "lanes/child_lane.h"
#include "lanes/host_lane.h"
#include "sources/sysfs/gpu_presence.h"

namespace gpud::lanes {

struct Lanes::Impl {
  Impl(Loop& the_loop, const Clock& the_clock, Options the_options)
      : loop(the_loop),
        clock(the_clock),
        options(std::move(the_options)),
        executable(::open(options.executable.c_str(), O_PATH | O_CLOEXEC)),
        thread(loop),
        host(loop, clock, options, thread),
        root(options.root) {}

  /// Asked again at most once a minute while the answer is no: drivers come late.
  bool HasGpu();
  ReadingLane& LaneOf(const SourceType& source);
  void OnBatch(KernelLogBatch batch);

  Loop& loop;
  const Clock& clock;
  const Options options;
  const UniqueFd executable;
  HostThread thread;
  HostLane host;
  const Root root;
  bool has_gpu = false;
  BootTime ask_for_gpu{};
  std::array<std::unique_ptr<ChildLane>, std::size(EnumWords<Lane>::kWords)> children;

  std::function<void(KernelLogBatch)> on_kernel_log;
  std::uint64_t malformed_records = 0;
  WallTime malformed_since{};
  std::shared_ptr<Impl*> self = std::make_shared<Impl*>(this);  // gone when this object is
};

bool Lanes::Impl::HasGpu() {
  if (!has_gpu && clock.Boot() >= ask_for_gpu) {
    has_gpu = sysfs::HasGpu(root);
    ask_for_gpu = clock.Boot() + std::chrono::seconds(60);
  }
  return has_gpu;
}

ReadingLane& Lanes::Impl::LaneOf(const SourceType& source) {
  if (source.lane == Lane::kHost) return host;
  auto& lane = children[static_cast<std::size_t>(source.lane)];
  if (!lane) {
    lane = std::make_unique<ChildLane>(loop, clock, options, std::string(Word(source.lane)),
                                       executable.get(), thread);
  }
  return *lane;
}

void Lanes::Impl::OnBatch(KernelLogBatch batch) {
  if (batch.malformed_records > 0 && malformed_records == 0) malformed_since = clock.Wall();
  malformed_records += batch.malformed_records;
  if (on_kernel_log) on_kernel_log(std::move(batch));
}

Lanes::Lanes(Loop& loop, const Clock& clock, Options options, std::unique_ptr<KernelLog> kernel_log,
             std::function<void(KernelLogBatch)> on_kernel_log)
    : impl_(std::make_unique<Impl>(loop, clock, std::move(options))) {
  if (!kernel_log) return;
  impl_->on_kernel_log = std::move(on_kernel_log);
  impl_->thread.Listen(std::move(kernel_log),
                       [weak = std::weak_ptr(impl_->self)](KernelLogBatch batch) {
                         if (const auto self = weak.lock()) (*self)->OnBatch(std::move(batch));
                       });
}

Lanes::~Lanes() {
  const BootTime until = impl_->clock.Boot() + std::chrono::seconds(1);
  for (const auto& lane : impl_->children) {
    if (lane) lane->Stop(until);
  }
}

void Lanes::Read(const SourceType& source, std::function<void(Snapshot)> done) {
  if (source.lane == Lane::kGpu && impl_->options.gpu_lane_needs_gpu && !impl_->HasGpu()) {
    const BootTime now = impl_->clock.Boot();
    impl_->loop.Post([&source, now, done = std::move(done)] {
      done({source.snapshot,
            source.snapshot->failure(
                {.code = ErrorCode::kUnsupported,
                 .what = "there is no GPU on the PCI bus, and no driver of one"}),
            now});
    });
    return;
  }
  impl_->LaneOf(source).Read(source, std::move(done));
}

void Lanes::HoldKernelLog(bool held) { impl_->thread.HoldLog(held); }

std::vector<SelfFinding> Lanes::Findings() const {
  std::vector<SelfFinding> findings;
  impl_->host.Describe(findings);
  for (const auto& lane : impl_->children) {
    if (lane) lane->Describe(findings);
  }
  if (impl_->malformed_records > 0) {
    findings.push_back({.what = "kernel log: " + std::to_string(impl_->malformed_records) +
                                " records could not be read and were skipped",
                        .since = impl_->malformed_since,
                        .serious = false});
  }
  return findings;
}

std::vector<int> Lanes::Children() const {
  std::vector<int> pids;
  for (const auto& lane : impl_->children) {
    if (!lane) continue;
    const auto more = lane->Pids();
    pids.insert(pids.end(), more.begin(), more.end());
  }
  return pids;
}

}  // namespace gpud::lanes
