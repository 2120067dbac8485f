// SPDX-License-Identifier: Apache-2.0
// Power, temperatures and fans.
#include "nvml/driver.h"
#include "nvml/put.h"
#include "nvml/thermals.h"
#include "sources/nvml/abi/functions.h"

namespace gpud::sim_nvml {
namespace {

constexpr double kMilli = 1000;

nvmlReturn_t Limit(const char* function, nvmlDevice_t device, unsigned* milliwatts) {
  return OnGpu(function, device, [&](Gpu& gpu) {
    return PutReading(milliwatts, gpu.Read("gpu.power_limit"), kMilli);
  });
}

// A scenario gives gpu.fan where a fan matters; else a board with fans runs them by its heat.
Reading FanPercent(Gpu& gpu) {
  if (gpu.board().fans == 0) return {};
  const Reading given = gpu.Read("gpu.fan");
  if (given) return given;
  const Reading celsius = gpu.Read("gpu.temp");
  constexpr double kQuiet = 30, kQuietBelow = 50, kPerDegree = 2;
  return {celsius.status,
          std::clamp(kQuiet + kPerDegree * (celsius.value - kQuietBelow), kQuiet, 100.0)};
}

}  // namespace

extern "C" nvmlReturn_t nvmlDeviceGetPowerUsage(nvmlDevice_t device, unsigned* milliwatts) {
  return OnGpu(__func__, device,
               [&](Gpu& gpu) { return PutReading(milliwatts, gpu.Read("gpu.power"), kMilli); });
}

extern "C" nvmlReturn_t nvmlDeviceGetPowerManagementMode(nvmlDevice_t device,
                                                         nvmlEnableState_t* mode) {
  return OnGpu(__func__, device, [&](Gpu&) { return Put(mode, NVML_FEATURE_ENABLED); });
}

extern "C" nvmlReturn_t nvmlDeviceGetPowerManagementLimit(nvmlDevice_t device,
                                                          unsigned* milliwatts) {
  return Limit(__func__, device, milliwatts);
}
extern "C" nvmlReturn_t nvmlDeviceGetEnforcedPowerLimit(nvmlDevice_t device, unsigned* milliwatts) {
  return Limit(__func__, device, milliwatts);
}

Reading DefaultPowerLimit(const Gpu& gpu) {
  const auto watts = gpu.FactNumber("power_limit_default");
  return KnownIf(watts.has_value(), watts.value_or(0));
}

extern "C" nvmlReturn_t nvmlDeviceGetPowerManagementDefaultLimit(nvmlDevice_t device,
                                                                 unsigned* milliwatts) {
  return OnGpu(__func__, device,
               [&](Gpu& gpu) { return PutReading(milliwatts, DefaultPowerLimit(gpu), kMilli); });
}

extern "C" nvmlReturn_t nvmlDeviceGetPowerManagementLimitConstraints(nvmlDevice_t device,
                                                                     unsigned* min, unsigned* max) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    if (!max) return NVML_ERROR_INVALID_ARGUMENT;
    *max = gpu.board().power_max_watts * 1000;
    return Put(min, gpu.board().power_min_watts * 1000);
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetTotalEnergyConsumption(nvmlDevice_t device,
                                                            unsigned long long* millijoules) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    return PutReading(millijoules, Known(gpu.Integral("gpu.power")), kMilli);
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetTemperature(nvmlDevice_t device,
                                                 nvmlTemperatureSensors_t sensor,
                                                 unsigned* celsius) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    if (sensor != NVML_TEMPERATURE_GPU) return NVML_ERROR_INVALID_ARGUMENT;
    return PutReading(celsius, gpu.Read("gpu.temp"));
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetTemperatureV(nvmlDevice_t device,
                                                  nvmlTemperature_v1_t* temperature) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    if (!temperature) return NVML_ERROR_INVALID_ARGUMENT;
    if (temperature->version != VersionWord<nvmlTemperature_v1_t>(1)) {
      return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    }
    if (temperature->sensorType != NVML_TEMPERATURE_GPU) return NVML_ERROR_INVALID_ARGUMENT;
    return PutReading(&temperature->temperature, gpu.Read("gpu.temp"));
  });
}

Reading ThresholdOf(const Gpu& gpu, nvmlTemperatureThresholds_t threshold) {
  const auto fact = [&](std::string_view name) {
    const auto celsius = gpu.FactNumber(name);
    return KnownIf(celsius.has_value(), celsius.value_or(0));
  };
  switch (threshold) {
    case NVML_TEMPERATURE_THRESHOLD_SHUTDOWN:
      return Known(gpu.board().shutdown_celsius);
    case NVML_TEMPERATURE_THRESHOLD_SLOWDOWN:
      return fact("temp_slowdown");
    case NVML_TEMPERATURE_THRESHOLD_MEM_MAX:
      return fact("mem_temp_max");
    case NVML_TEMPERATURE_THRESHOLD_GPU_MAX:
      return Known(gpu.board().gpu_max_celsius);
    case NVML_TEMPERATURE_THRESHOLD_ACOUSTIC_MIN:
      return {};
    case NVML_TEMPERATURE_THRESHOLD_COUNT:
      break;
  }
  return threshold < NVML_TEMPERATURE_THRESHOLD_COUNT
             ? Reading{}
             : Reading{.status = NVML_ERROR_INVALID_ARGUMENT};
}

extern "C" nvmlReturn_t nvmlDeviceGetTemperatureThreshold(nvmlDevice_t device,
                                                          nvmlTemperatureThresholds_t threshold,
                                                          unsigned* celsius) {
  return OnGpu(__func__, device,
               [&](Gpu& gpu) { return PutReading(celsius, ThresholdOf(gpu, threshold)); });
}

extern "C" nvmlReturn_t nvmlDeviceGetMarginTemperature(nvmlDevice_t device,
                                                       nvmlMarginTemperature_v1_t* margin) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    if (!margin) return NVML_ERROR_INVALID_ARGUMENT;
    if (margin->version != VersionWord<nvmlMarginTemperature_v1_t>(1)) {
      return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    }
    // The distance to the nearest slowdown; boards from Ada on report it.
    if (gpu.board().architecture < NVML_DEVICE_ARCH_ADA) return NVML_ERROR_NOT_SUPPORTED;
    const Reading slowdown = ThresholdOf(gpu, NVML_TEMPERATURE_THRESHOLD_SLOWDOWN);
    const Reading celsius = gpu.Read("gpu.temp");
    if (!slowdown) return slowdown.status;
    return PutReading(&margin->marginTemperature, {celsius.status, slowdown.value - celsius.value});
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetNumFans(nvmlDevice_t device, unsigned* fans) {
  return OnGpu(__func__, device, [&](Gpu& gpu) { return Put(fans, gpu.board().fans); });
}

extern "C" nvmlReturn_t nvmlDeviceGetFanSpeed(nvmlDevice_t device, unsigned* percent) {
  return OnGpu(__func__, device, [&](Gpu& gpu) { return PutReading(percent, FanPercent(gpu)); });
}

extern "C" nvmlReturn_t nvmlDeviceGetFanSpeed_v2(nvmlDevice_t device, unsigned fan,
                                                 unsigned* percent) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    if (gpu.board().fans > 0 && fan >= gpu.board().fans) return NVML_ERROR_INVALID_ARGUMENT;
    return PutReading(percent, FanPercent(gpu));
  });
}

}  // namespace gpud::sim_nvml
