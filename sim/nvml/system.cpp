// SPDX-License-Identifier: Apache-2.0
// Opening the library, versions, and what is the whole machine's.
#include <cstdlib>

#include "nvml/driver.h"
#include "nvml/put.h"
#include "platform/text.h"
#include "sources/nvml/abi/functions.h"

namespace gpud::sim_nvml {
namespace {

nvmlReturn_t Open(const char* function) noexcept {
  try {
    Driver& driver = Driver::The();
    const nvmlReturn_t error = driver.Pass(function, -1);
    return error == NVML_SUCCESS ? driver.Init() : error;
  } catch (...) {
    return NVML_ERROR_UNKNOWN;
  }
}

// "12.9" is 12090.
nvmlReturn_t CudaVersion(const char* function, int* version) {
  return Call(function, [&](Driver& driver) {
    const auto* fact = driver.node().FactNow("driver.cuda", driver.moment().t);
    if (!fact) return NVML_ERROR_NOT_SUPPORTED;
    const auto* text = std::get_if<std::string>(fact);
    const auto* number = std::get_if<double>(fact);
    const auto parts = text ? Split(*text, '.') : std::vector<std::string_view>{};
    if (number) return Put(version, static_cast<int>(std::lround(*number * 1000)));
    const int major = parts.empty() ? 0 : ParseNumber<int>(parts[0]).value_or(0);
    const int minor = parts.size() < 2 ? 0 : ParseNumber<int>(parts[1]).value_or(0);
    return Put(version, major * 1000 + minor * 10);
  });
}

bool IsCapable(Driver& driver) {
  return !driver.listed().empty() && driver.listed()[0]->gpu->board().confidential;
}

// Confidential computing is a fact of the machine: conf_compute "on", else off.
unsigned IsConfidential(Driver& driver) {
  const auto* fact = driver.node().FactNow("conf_compute", driver.moment().t);
  const auto* text = fact ? std::get_if<std::string>(fact) : nullptr;
  return text && *text == "on";
}

}  // namespace

extern "C" nvmlReturn_t nvmlInit() { return Open(__func__); }
extern "C" nvmlReturn_t nvmlInit_v2() { return Open(__func__); }
extern "C" nvmlReturn_t nvmlInitWithFlags(unsigned /*flags*/) { return Open(__func__); }

extern "C" nvmlReturn_t nvmlShutdown() {
  const nvmlReturn_t error = Driver::The().Pass(__func__, -1);
  return error == NVML_SUCCESS ? Driver::The().Shutdown() : error;
}

extern "C" const char* nvmlErrorString(nvmlReturn_t result) {
  switch (result) {
    case NVML_SUCCESS:
      return "Success";
    case NVML_ERROR_UNINITIALIZED:
      return "Uninitialized";
    case NVML_ERROR_INVALID_ARGUMENT:
      return "Invalid Argument";
    case NVML_ERROR_NOT_SUPPORTED:
      return "Not Supported";
    case NVML_ERROR_NO_PERMISSION:
      return "Insufficient Permissions";
    case NVML_ERROR_ALREADY_INITIALIZED:
      return "Already Initialized";
    case NVML_ERROR_NOT_FOUND:
      return "Not Found";
    case NVML_ERROR_INSUFFICIENT_SIZE:
      return "Insufficient Size";
    case NVML_ERROR_INSUFFICIENT_POWER:
      return "Insufficient External Power";
    case NVML_ERROR_DRIVER_NOT_LOADED:
      return "Driver Not Loaded";
    case NVML_ERROR_TIMEOUT:
      return "Timeout";
    case NVML_ERROR_IRQ_ISSUE:
      return "Interrupt Request Issue";
    case NVML_ERROR_LIBRARY_NOT_FOUND:
      return "NVML Shared Library Not Found";
    case NVML_ERROR_FUNCTION_NOT_FOUND:
      return "Function Not Found";
    case NVML_ERROR_CORRUPTED_INFOROM:
      return "Corrupted infoROM";
    case NVML_ERROR_GPU_IS_LOST:
      return "GPU is lost";
    case NVML_ERROR_RESET_REQUIRED:
      return "GPU requires reset";
    case NVML_ERROR_OPERATING_SYSTEM:
      return "The operating system has blocked the request.";
    case NVML_ERROR_LIB_RM_VERSION_MISMATCH:
      return "Driver/library version mismatch";
    case NVML_ERROR_IN_USE:
      return "In use by another client";
    case NVML_ERROR_MEMORY:
      return "Insufficient Memory";
    case NVML_ERROR_NO_DATA:
      return "No data";
    case NVML_ERROR_VGPU_ECC_NOT_SUPPORTED:
      return "vGPU operation not available on target device because ECC is enabled";
    case NVML_ERROR_INSUFFICIENT_RESOURCES:
      return "Insufficient Resources";
    case NVML_ERROR_FREQ_NOT_SUPPORTED:
      return "Frequency Not Supported";
    case NVML_ERROR_ARGUMENT_VERSION_MISMATCH:
      return "Argument version mismatch";
    case NVML_ERROR_DEPRECATED:
      return "Deprecated";
    case NVML_ERROR_NOT_READY:
      return "Not in ready state";
    case NVML_ERROR_GPU_NOT_FOUND:
      return "GPU not found";
    case NVML_ERROR_INVALID_STATE:
      return "Invalid state";
    case NVML_ERROR_UNKNOWN:
      break;
  }
  return "Unknown Error";
}

extern "C" nvmlReturn_t nvmlSystemGetDriverVersion(char* version, unsigned length) {
  return Call(__func__, [&](Driver& driver) { return PutText(version, length, driver.version()); });
}

extern "C" nvmlReturn_t nvmlSystemGetNVMLVersion(char* version, unsigned length) {
  return Call(__func__,
              [&](Driver& driver) { return PutText(version, length, "12." + driver.version()); });
}

extern "C" nvmlReturn_t nvmlSystemGetCudaDriverVersion(int* version) {
  return CudaVersion(__func__, version);
}
extern "C" nvmlReturn_t nvmlSystemGetCudaDriverVersion_v2(int* version) {
  return CudaVersion(__func__, version);
}

extern "C" nvmlReturn_t nvmlSystemGetProcessName(unsigned pid, char* name, unsigned length) {
  return Call(__func__, [&](Driver& driver) {
    const auto* process = driver.node().FindProcess(pid);
    const bool runs = process && process->AliveAt(driver.moment().t);
    return runs ? PutText(name, length, process->name) : NVML_ERROR_NOT_FOUND;
  });
}

extern "C" nvmlReturn_t nvmlSystemGetConfComputeCapabilities(
    nvmlConfComputeSystemCaps_t* capabilities) {
  return Call(__func__, [&](Driver& driver) {
    return Put(capabilities, {.cpuCaps = IsConfidential(driver), .gpusCaps = IsCapable(driver)});
  });
}

extern "C" nvmlReturn_t nvmlSystemGetConfComputeState(nvmlConfComputeSystemState_t* state) {
  return Call(__func__, [&](Driver& driver) {
    if (!IsCapable(driver)) return NVML_ERROR_NOT_SUPPORTED;
    const unsigned on = IsConfidential(driver);
    return Put(state, {.environment = on * 2, .ccFeature = on, .devToolsMode = 0});
  });
}

extern "C" nvmlReturn_t nvmlSystemGetConfComputeSettings(
    nvmlSystemConfComputeSettings_v1_t* settings) {
  return Call(__func__, [&](Driver& driver) {
    if (!settings) return NVML_ERROR_INVALID_ARGUMENT;
    if (settings->version != VersionWord<nvmlSystemConfComputeSettings_v1_t>(1)) {
      return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    }
    if (!IsCapable(driver)) return NVML_ERROR_NOT_SUPPORTED;
    const unsigned on = IsConfidential(driver);
    return Put(settings, {.version = settings->version,
                          .environment = on * 2,
                          .ccFeature = on,
                          .devToolsMode = 0,
                          .multiGpuMode = 0});
  });
}

extern "C" const char* gpudSimulated() {
  Driver& driver = Driver::The();
  const std::lock_guard lock(driver.mutex());
  return driver.ScenarioName();
}

}  // namespace gpud::sim_nvml
