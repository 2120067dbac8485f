// SPDX-License-Identifier: Apache-2.0
// The simulated driver behind the C interface: who has it open, what time it is, which GPUs it
// lists, and the gate that every call passes (faults, lost GPUs, functions that an old driver
// lacks).
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <vector>

#include "nvml/faults.h"
#include "nvml/gpu.h"
#include "nvml/sim_clock.h"
#include "scenario/kernel_log.h"

namespace gpud::sim_nvml {

/// What an nvmlDevice_t points to: a GPU, or a MIG device of one.
struct Handle {
  Gpu* gpu = nullptr;
  int instance = -1;  ///< of a MIG device
};

/// An Xid of the kernel log, as the event interface tells it.
struct XidEvent {
  double t = 0;
  int gpu = 0;  ///< index in the scenario
  unsigned xid = 0;
};

/// A change of the recovery action, as the driver announces it in the kernel log (Xid 154).
struct RecoveryChange {
  double t = 0;
  int gpu = 0;
  unsigned action = 0;  ///< nvmlGpuRecoveryAction_t
};

class Driver {
 public:
  /// The one of this process: the C interface names none.
  static Driver& The();

  nvmlReturn_t Init();
  nvmlReturn_t Shutdown();

  /// What comes before the answer of `function` (about `gpu`, or -1): waits, aborts, or the error
  /// that it returns instead. Does not hold the lock.
  nvmlReturn_t Pass(const char* function, int gpu);

  std::mutex& mutex() { return mutex_; }

  // The rest needs the lock.

  /// Reads the clock and the faults; every answer begins with it.
  void Tick();
  const Moment& moment() const { return moment_; }
  SimClock& clock() { return *clock_; }
  const scenario::Node& node() const { return *node_; }
  bool is_open() const { return opens_ > 0; }
  /// Reads the scenario where that has not happened yet; "" when it cannot be read.
  const char* ScenarioName();
  std::string version() const;
  /// The first number of the version: 575.
  int release() const;

  /// The GPUs that nvmlInit found, in NVML's order.
  const std::vector<Handle*>& listed() const { return listed_; }
  /// Null when `device` is none of ours.
  Handle* Resolve(nvmlDevice_t device);
  Handle& HandleOf(const Gpu& gpu, int instance = -1);
  /// GPU_IS_LOST or RESET_REQUIRED while the GPU is in that state.
  nvmlReturn_t StateOf(const Gpu& gpu) const;

  const std::vector<XidEvent>& xids() const { return xids_; }
  const std::vector<RecoveryChange>& recovery_changes() const { return recovery_changes_; }

  // What is held open, for the counter file.
  void CountSamples(int change);
  void CountEventSets(int change);

 private:
  Driver();
  nvmlReturn_t Load();
  void MakeGpus();
  void ReadKernelLog();
  void ListGpus();
  void WriteCounter() const;

  FaultFile faults_;
  std::string counter_file_;
  int major_ = 0;  ///< of GPUD_SIM_DRIVER; 0: what the scenario says

  std::mutex mutex_;  ///< of all that follows
  int opens_ = 0, samples_ = 0, event_sets_ = 0;
  std::unique_ptr<scenario::Scenario> scenario_;
  std::vector<scenario::Node> nodes_;
  const scenario::Node* node_ = nullptr;
  std::unique_ptr<SimClock> clock_;
  Moment moment_;
  std::shared_ptr<const Faults> faults_now_;
  std::deque<Gpu> gpus_;
  std::deque<Handle> handles_;  ///< for each GPU: itself, then seven MIG devices
  std::vector<Handle*> listed_;
  std::vector<XidEvent> xids_;
  std::vector<RecoveryChange> recovery_changes_;
};

/// Answers a call that is about no GPU. No exception leaves the C interface.
template <class Answer>
nvmlReturn_t Call(const char* function, Answer&& answer) noexcept {
  try {
    Driver& driver = Driver::The();
    if (const nvmlReturn_t error = driver.Pass(function, -1)) return error;
    const std::lock_guard lock(driver.mutex());
    if (!driver.is_open()) return NVML_ERROR_UNINITIALIZED;
    driver.Tick();
    return answer(driver);
  } catch (const std::bad_alloc&) {
    return NVML_ERROR_MEMORY;
  } catch (...) {
    return NVML_ERROR_UNKNOWN;
  }
}

enum class Need : std::uint8_t { kWorkingGpu, kAnyGpu };

/// Answers a call about a device: answer(gpu, handle).
template <class Answer>
nvmlReturn_t OnHandle(const char* function, nvmlDevice_t device, Need need,
                      Answer&& answer) noexcept {
  try {
    Driver& driver = Driver::The();
    int index = -1;
    {
      const std::lock_guard lock(driver.mutex());
      if (!driver.is_open()) return NVML_ERROR_UNINITIALIZED;
      if (const Handle* handle = driver.Resolve(device)) index = handle->gpu->index();
    }
    if (const nvmlReturn_t error = driver.Pass(function, index)) return error;
    const std::lock_guard lock(driver.mutex());
    if (!driver.is_open()) return NVML_ERROR_UNINITIALIZED;
    driver.Tick();
    Handle* handle = driver.Resolve(device);
    if (!handle) return NVML_ERROR_INVALID_ARGUMENT;
    const nvmlReturn_t state = driver.StateOf(*handle->gpu);
    if (state != NVML_SUCCESS && need == Need::kWorkingGpu) return state;
    return answer(*handle->gpu, *handle);
  } catch (const std::bad_alloc&) {
    return NVML_ERROR_MEMORY;
  } catch (...) {
    return NVML_ERROR_UNKNOWN;
  }
}

/// Answers a call about a GPU that must work: answer(gpu).
template <class Answer>
nvmlReturn_t OnGpu(const char* function, nvmlDevice_t device, Answer&& answer) noexcept {
  return OnHandle(function, device, Need::kWorkingGpu,
                  [&](Gpu& gpu, Handle&) { return answer(gpu); });
}

}  // namespace gpud::sim_nvml
