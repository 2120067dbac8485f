// SPDX-License-Identifier: Apache-2.0
// Clocks, and what holds them down.
#include "nvml/driver.h"
#include "nvml/put.h"
#include "nvml/violations.h"
#include "sources/nvml/abi/functions.h"

namespace gpud::sim_nvml {
namespace {

// The baseline of gpu.clock_mem is that of an H100, for every profile: other boards answer the
// same share of their own memory clock.
constexpr double kScenarioMemoryMhz = 2619;

Reading Current(Gpu& gpu, nvmlClockType_t type) {
  const Board& board = gpu.board();
  switch (type) {
    case NVML_CLOCK_GRAPHICS:
    case NVML_CLOCK_SM:
      return gpu.Read("gpu.clock_sm");
    case NVML_CLOCK_MEM: {
      const Reading mhz = gpu.Read("gpu.clock_mem");
      return {mhz.status, mhz.value * board.memory_mhz / kScenarioMemoryMhz};
    }
    case NVML_CLOCK_VIDEO: {
      // The video clock follows that of the SMs.
      const Reading sm = gpu.Read("gpu.clock_sm");
      const double most = gpu.FactNumber("clock_sm_max").value_or(1);
      return {sm.status, sm.value / most * board.video_mhz};
    }
    case NVML_CLOCK_COUNT:
      break;
  }
  return {.status = NVML_ERROR_INVALID_ARGUMENT};
}

Reading Highest(Gpu& gpu, nvmlClockType_t type) {
  switch (type) {
    case NVML_CLOCK_GRAPHICS:
    case NVML_CLOCK_SM: {
      const auto mhz = gpu.FactNumber("clock_sm_max");
      return KnownIf(mhz.has_value(), mhz.value_or(0));
    }
    case NVML_CLOCK_MEM:
      return Known(gpu.board().memory_mhz);
    case NVML_CLOCK_VIDEO:
      return Known(gpu.board().video_mhz);
    case NVML_CLOCK_COUNT:
      break;
  }
  return {.status = NVML_ERROR_INVALID_ARGUMENT};
}

Reading Application(Gpu& gpu, nvmlClockType_t type, bool by_default) {
  if (!gpu.board().datacenter() || type == NVML_CLOCK_VIDEO) return {};
  if (type == NVML_CLOCK_MEM) return Known(gpu.board().memory_mhz);
  const auto mhz = gpu.FactNumber(by_default ? "clock_sm_max" : "app_clock_sm");
  return KnownIf(mhz.has_value(), mhz.value_or(0));
}

nvmlReturn_t Reasons(const char* function, nvmlDevice_t device, unsigned long long* reasons) {
  return OnGpu(function, device,
               [&](Gpu& gpu) { return PutReading(reasons, gpu.Read("gpu.clock_event_reasons")); });
}

nvmlReturn_t SupportedReasons(const char* function, nvmlDevice_t device,
                              unsigned long long* reasons) {
  return OnGpu(function, device, [&](Gpu& gpu) {
    constexpr unsigned long long kAll = 0x1ff;
    constexpr unsigned long long kSyncBoost = 0x10, kPowerBrake = 0x80;
    return Put(reasons, gpu.board().datacenter() ? kAll : kAll & ~(kSyncBoost | kPowerBrake));
  });
}

}  // namespace

extern "C" nvmlReturn_t nvmlDeviceGetClockInfo(nvmlDevice_t device, nvmlClockType_t type,
                                               unsigned* mhz) {
  return OnGpu(__func__, device, [&](Gpu& gpu) { return PutReading(mhz, Current(gpu, type)); });
}

extern "C" nvmlReturn_t nvmlDeviceGetMaxClockInfo(nvmlDevice_t device, nvmlClockType_t type,
                                                  unsigned* mhz) {
  return OnGpu(__func__, device, [&](Gpu& gpu) { return PutReading(mhz, Highest(gpu, type)); });
}

extern "C" nvmlReturn_t nvmlDeviceGetApplicationsClock(nvmlDevice_t device, nvmlClockType_t type,
                                                       unsigned* mhz) {
  return OnGpu(__func__, device,
               [&](Gpu& gpu) { return PutReading(mhz, Application(gpu, type, false)); });
}

extern "C" nvmlReturn_t nvmlDeviceGetDefaultApplicationsClock(nvmlDevice_t device,
                                                              nvmlClockType_t type, unsigned* mhz) {
  return OnGpu(__func__, device,
               [&](Gpu& gpu) { return PutReading(mhz, Application(gpu, type, true)); });
}

extern "C" nvmlReturn_t nvmlDeviceGetMaxCustomerBoostClock(nvmlDevice_t device,
                                                           nvmlClockType_t type, unsigned* mhz) {
  return OnGpu(__func__, device, [&](Gpu& gpu) { return PutReading(mhz, Highest(gpu, type)); });
}

extern "C" nvmlReturn_t nvmlDeviceGetClock(nvmlDevice_t device, nvmlClockType_t type,
                                           nvmlClockId_t which, unsigned* mhz) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    switch (which) {
      case NVML_CLOCK_ID_CURRENT:
        return PutReading(mhz, Current(gpu, type));
      case NVML_CLOCK_ID_APP_CLOCK_TARGET:
        return PutReading(mhz, Application(gpu, type, false));
      case NVML_CLOCK_ID_APP_CLOCK_DEFAULT:
        return PutReading(mhz, Application(gpu, type, true));
      case NVML_CLOCK_ID_CUSTOMER_BOOST_MAX:
        return PutReading(mhz, Highest(gpu, type));
    }
    return NVML_ERROR_INVALID_ARGUMENT;
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetPerformanceState(nvmlDevice_t device, nvmlPstates_t* state) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    // Boards with stacked memory stay in P0; the others rest in P8.
    const Reading idle = gpu.Read("gpu.throttle.idle");
    const bool rests = idle && idle.value >= 0.5 && gpu.board().memory_bus_bits < 1024;
    return Put(state, rests ? NVML_PSTATE_8 : NVML_PSTATE_0);
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetCurrentClocksEventReasons(nvmlDevice_t device,
                                                               unsigned long long* reasons) {
  return Reasons(__func__, device, reasons);
}
extern "C" nvmlReturn_t nvmlDeviceGetCurrentClocksThrottleReasons(nvmlDevice_t device,
                                                                  unsigned long long* reasons) {
  return Reasons(__func__, device, reasons);
}
extern "C" nvmlReturn_t nvmlDeviceGetSupportedClocksEventReasons(nvmlDevice_t device,
                                                                 unsigned long long* reasons) {
  return SupportedReasons(__func__, device, reasons);
}
extern "C" nvmlReturn_t nvmlDeviceGetSupportedClocksThrottleReasons(nvmlDevice_t device,
                                                                    unsigned long long* reasons) {
  return SupportedReasons(__func__, device, reasons);
}

Reading ViolationNanoseconds(Gpu& gpu, nvmlPerfPolicyType_t policy) {
  const auto held = [&](std::string_view reason) { return gpu.Integral(reason) * 1e9; };
  switch (policy) {
    case NVML_PERF_POLICY_POWER:
      return Known(held("gpu.throttle.sw_power_cap"));
    case NVML_PERF_POLICY_THERMAL:
      return Known(held("gpu.throttle.sw_thermal") + held("gpu.throttle.hw_thermal"));
    case NVML_PERF_POLICY_SYNC_BOOST:
      return Known(held("gpu.throttle.sync_boost"));
    case NVML_PERF_POLICY_BOARD_LIMIT:
      return Known(held("gpu.throttle.hw_power_brake"));
    case NVML_PERF_POLICY_LOW_UTILIZATION:
      return Known(held("gpu.throttle.idle"));
    case NVML_PERF_POLICY_TOTAL_APP_CLOCKS:
      return Known(held("gpu.throttle.app_clocks"));
    case NVML_PERF_POLICY_RELIABILITY:
    case NVML_PERF_POLICY_TOTAL_BASE_CLOCKS:
      return {};  // nothing in a scenario moves them
  }
  return {.status = NVML_ERROR_INVALID_ARGUMENT};
}

extern "C" nvmlReturn_t nvmlDeviceGetViolationStatus(nvmlDevice_t device,
                                                     nvmlPerfPolicyType_t policy,
                                                     nvmlViolationTime_t* violation) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    if (!violation) return NVML_ERROR_INVALID_ARGUMENT;
    violation->referenceTime = gpu.moment().micros;
    return PutReading(&violation->violationTime, ViolationNanoseconds(gpu, policy));
  });
}

}  // namespace gpud::sim_nvml
