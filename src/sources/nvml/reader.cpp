// SPDX-License-Identifier: Apache-2.0
#include "sources/nvml/reader.h"

#include <algorithm>

#include "sources/nvml/asleep.h"
#include "sources/nvml/kernel_module.h"

namespace gpud::nvml {
namespace {

using std::chrono::seconds;

// A driver that does not open writes a line into the kernel's log at each try.
constexpr seconds kFirstPause{5}, kLongestPause{60};
// To open anew is to stop watching for a moment, and a GPU that has left the bus costs seconds.
constexpr seconds kFirstLook{60}, kLongestLook{300};

bool IsBusy(const GpuActivity& gpu) { return gpu.gpu_percent.value_or(0) > 0; }
bool IsHeld(const GpuProcesses& gpu) { return gpu.processes && !gpu.processes->empty(); }

template <class T, class Test>
bool AnyGpu(const std::optional<T>& snapshot, Test&& test) {
  return snapshot && std::any_of(snapshot->gpus.begin(), snapshot->gpus.end(), test);
}

std::optional<bool> PersistenceOf(const Devices& devices) {
  std::optional<bool> all;
  for (const Device& device : devices.devices) {
    if (device.persistence) all = all.value_or(true) && *device.persistence;
  }
  return all;
}

// What a snapshot tells once only.
template <class T>
void ForgetEvents(T& snapshot) {
  if constexpr (std::is_same_v<T, Errors>) snapshot.xids.clear();
}

}  // namespace

// By what was read of an open driver last; else by who holds its devices.
bool Reader::IsUsed(const Host& host, bool& kept_awake) {
  if (driver_ && (AnyGpu(activity_.value, IsBusy) || AnyGpu(processes_.value, IsHeld))) return true;
  const auto found = holders_.Look(host.root);
  kept_awake = found.daemon;
  return found.process;
}

Access Reader::Choose(const Host& host) {
  const BootTime now = host.clock.Boot();
  bool kept_awake = false;
  Situation situation{.used = IsUsed(host, kept_awake), .persistence = persistence_};
  if (kept_awake) situation.persistence = true;
  if (situation.used || !used_) used_ = now;
  if (!situation.used && !situation.persistence) {
    const auto gpus = KernelModuleGpus(host.root);
    situation.uninitialised = std::any_of(
        gpus.begin(), gpus.end(), [](const KernelModuleGpu& gpu) { return !gpu.initialised; });
  }
  situation.idle_for = now - *used_;
  situation.since_glance = glanced_ ? now - *glanced_ : std::chrono::microseconds::max();
  return Decide(situation);
}

Result<void> Reader::OpenNow(const Host& host) {
  if (!library_) {
    auto loaded = Library::Load(host.root);
    if (!loaded) return tl::unexpected<Error>(std::move(loaded).error());
    library_ = std::move(*loaded);
  }
  auto driver = Driver::Open(*library_, host);
  if (!driver) {
    library_.reset();  // the next try may find another one, of another version
    return tl::unexpected<Error>(std::move(driver).error());
  }
  driver_ = std::move(*driver);
  driver_->AddLost(known_);
  driver_->Begin();
  persistence_ = driver_->Persistence();
  return {};
}

Result<void> Reader::Open(const Host& host) {
  const BootTime now = host.clock.Boot();
  if (driver_) CloseIfStale(host);
  if (driver_) return {};
  if (failure_ && now < not_before_) return tl::unexpected<Error>(*failure_);
  auto opened = OpenNow(host);
  if (opened) {
    failure_.reset();
    pause_ = {};
  } else {
    failure_ = opened.error();
    pause_ = std::clamp(pause_ * 2, kFirstPause, kLongestPause);
    not_before_ = now + pause_;
  }
  return opened;
}

// What was said of GPUs in the reading before still stands.
void Reader::CloseIfStale(const Host& host) {
  const BootTime now = host.clock.Boot();
  if (now < look_after_) return;
  const bool stale = driver_->IsStale();
  look_pause_ = stale ? std::clamp(look_pause_ * 2, kFirstLook, kLongestLook) : kFirstLook;
  look_after_ = now + look_pause_;
  if (stale) Close();
}

void Reader::Close() {
  if (driver_) known_ = driver_->Known();
  driver_.reset();
}

template <class T>
void Reader::Read(const Host& host, Last<T>& last) {
  driver_->Begin();
  last.value = last.read(*driver_, host);
  last.told = false;
  if constexpr (std::is_same_v<T, Devices>) persistence_ = PersistenceOf(*last.value);
}

// One look at everything, so that the driver is opened once for all four sources.
void Reader::ReadAll(const Host& host) {
  Read(host, devices_);
  Read(host, activity_);
  Read(host, errors_);
  Read(host, processes_);
}

template <class T>
Result<T> Reader::Take(const Host& host, Last<T>& last) {
  const Access access = Choose(host);
  if (access == Access::kOpen || access == Access::kGlance) {
    if (auto opened = Open(host); !opened) return tl::unexpected<Error>(std::move(opened).error());
  }
  switch (access) {
    case Access::kOpen:
      Read(host, last);
      break;
    case Access::kGlance:
      glanced_ = host.clock.Boot();
      ReadAll(host);
      if (Choose(host) != Access::kOpen) Close();
      break;
    case Access::kIdle:
    case Access::kUntouched:
      Close();
      break;
  }
  if (!last.value) {
    last.value = Unread<T>(host);
    last.told = true;
  }
  T snapshot = *last.value;
  // Of a glance, each source tells its part once as new.
  if (last.told) snapshot.session.asleep = AsleepText(access);
  last.told = true;
  ForgetEvents(*last.value);
  return snapshot;
}

template Result<Devices> Reader::Take(const Host&, Last<Devices>&);
template Result<Activity> Reader::Take(const Host&, Last<Activity>&);
template Result<Errors> Reader::Take(const Host&, Last<Errors>&);
template Result<Processes> Reader::Take(const Host&, Last<Processes>&);

}  // namespace gpud::nvml
