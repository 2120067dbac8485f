// SPDX-License-Identifier: Apache-2.0
// Events: the Xids of the scenario's kernel log, when their time comes.
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "nvml/driver.h"
#include "nvml/put.h"
#include "sources/nvml/abi/functions.h"

namespace gpud::sim_nvml {
namespace {

constexpr auto kLookEvery = std::chrono::milliseconds(10);
constexpr unsigned kNoInstance = 0xFFFFFFFF;

// What an nvmlEventSet_t points to.
struct EventSet {
  std::vector<int> gpus;  ///< that report their Xids
  std::size_t next = 0;   ///< in the driver's list of Xids
};

EventSet* ContentOf(nvmlEventSet_t set) { return reinterpret_cast<EventSet*>(set); }

// True when an event has come; the set goes on behind it.
bool TakeEvent(Driver& driver, EventSet& set, nvmlEventData_t& data) {
  const auto& xids = driver.xids();
  while (set.next < xids.size() && xids[set.next].t <= driver.moment().t) {
    const XidEvent& event = xids[set.next++];
    if (std::ranges::find(set.gpus, event.gpu) == set.gpus.end()) continue;
    for (Handle* handle : driver.listed()) {
      if (handle->gpu->index() != event.gpu) continue;
      data = {.device = reinterpret_cast<nvmlDevice_t>(handle),
              .eventType = nvmlEventTypeXidCriticalError,
              .eventData = event.xid,
              .gpuInstanceId = kNoInstance,
              .computeInstanceId = kNoInstance};
      return true;
    }
  }
  return false;
}

nvmlReturn_t Wait(const char* function, nvmlEventSet_t set, nvmlEventData_t* data,
                  unsigned timeout_ms) {
  if (!set || !data) return NVML_ERROR_INVALID_ARGUMENT;
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  for (;;) {
    // Each look is a call of its own: nobody waits for the lock meanwhile.
    const nvmlReturn_t answer = Call(function, [&](Driver& driver) {
      return TakeEvent(driver, *ContentOf(set), *data) ? NVML_SUCCESS : NVML_ERROR_TIMEOUT;
    });
    const auto left = end - std::chrono::steady_clock::now();
    if (answer != NVML_ERROR_TIMEOUT || left.count() <= 0) return answer;
    const auto pause = std::min<std::chrono::nanoseconds>(left, kLookEvery);
    usleep(static_cast<useconds_t>(std::chrono::ceil<std::chrono::microseconds>(pause).count()));
  }
}

}  // namespace

extern "C" nvmlReturn_t nvmlEventSetCreate(nvmlEventSet_t* set) {
  return Call(__func__, [&](Driver& driver) {
    if (!set) return NVML_ERROR_INVALID_ARGUMENT;
    *set = reinterpret_cast<nvmlEventSet_t>(new EventSet);
    driver.CountEventSets(1);
    return NVML_SUCCESS;
  });
}

extern "C" nvmlReturn_t nvmlEventSetFree(nvmlEventSet_t set) {
  return Call(__func__, [&](Driver& driver) {
    if (!set) return NVML_ERROR_INVALID_ARGUMENT;
    delete ContentOf(set);
    driver.CountEventSets(-1);
    return NVML_SUCCESS;
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetSupportedEventTypes(nvmlDevice_t device,
                                                         unsigned long long* types) {
  return OnGpu(__func__, device, [&](Gpu&) { return Put(types, nvmlEventTypeXidCriticalError); });
}

extern "C" nvmlReturn_t nvmlDeviceRegisterEvents(nvmlDevice_t device, unsigned long long types,
                                                 nvmlEventSet_t set) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    if (!set) return NVML_ERROR_INVALID_ARGUMENT;
    if ((types & ~nvmlEventTypeXidCriticalError) != 0) return NVML_ERROR_NOT_SUPPORTED;
    EventSet& content = *ContentOf(set);
    if (content.gpus.empty()) {
      // What has happened before is not told.
      const auto& xids = Driver::The().xids();
      const auto later = std::ranges::upper_bound(xids, gpu.moment().t, {}, &XidEvent::t);
      content.next = static_cast<std::size_t>(later - xids.begin());
    }
    if (types != 0) content.gpus.push_back(gpu.index());
    return NVML_SUCCESS;
  });
}

extern "C" nvmlReturn_t nvmlEventSetWait(nvmlEventSet_t set, nvmlEventData_t* data,
                                         unsigned timeout_ms) {
  return Wait(__func__, set, data, timeout_ms);
}
extern "C" nvmlReturn_t nvmlEventSetWait_v2(nvmlEventSet_t set, nvmlEventData_t* data,
                                            unsigned timeout_ms) {
  return Wait(__func__, set, data, timeout_ms);
}

}  // namespace gpud::sim_nvml
