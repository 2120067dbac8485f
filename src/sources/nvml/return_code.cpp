// SPDX-License-Identifier: Apache-2.0
#include "sources/nvml/return_code.h"

#include <algorithm>
#include <iterator>
#include <string>

namespace gpud::nvml {
namespace {

using namespace nvml_abi;

struct Meaning {
  nvmlReturn_t code;
  ErrorCode as;
  std::string_view text;
  bool plain = false;  // says enough without the function's name
};
constexpr Meaning kMeanings[] = {
    {NVML_ERROR_NOT_SUPPORTED, ErrorCode::kUnsupported, "not supported", true},
    {NVML_ERROR_VGPU_ECC_NOT_SUPPORTED, ErrorCode::kUnsupported, "not supported with ECC", true},
    {NVML_ERROR_DEPRECATED, ErrorCode::kUnsupported, "not supported any more", true},
    {NVML_ERROR_DRIVER_NOT_LOADED, ErrorCode::kUnsupported, "driver not loaded", true},
    {NVML_ERROR_LIBRARY_NOT_FOUND, ErrorCode::kUnsupported, "a library of the driver is missing"},
    {NVML_ERROR_ARGUMENT_VERSION_MISMATCH, ErrorCode::kUnsupported, "not supported in this version",
     true},
    {NVML_ERROR_NO_PERMISSION, ErrorCode::kPermission, "no permission", true},
    {NVML_ERROR_NOT_FOUND, ErrorCode::kNotFound, "not found", true},
    {NVML_ERROR_NO_DATA, ErrorCode::kNotFound, "no data", true},
    {NVML_ERROR_NOT_READY, ErrorCode::kNotFound, "not ready"},
    {NVML_ERROR_GPU_NOT_FOUND, ErrorCode::kNotFound, "GPU not found"},
    {NVML_ERROR_GPU_IS_LOST, ErrorCode::kDeviceLost, "GPU is lost", true},
    {NVML_ERROR_RESET_REQUIRED, ErrorCode::kDeviceLost, "GPU requires reset", true},
    {NVML_ERROR_TIMEOUT, ErrorCode::kTimeout, "timeout"},
    {NVML_ERROR_LIB_RM_VERSION_MISMATCH, ErrorCode::kIo, "driver/library version mismatch", true},
    {NVML_ERROR_UNINITIALIZED, ErrorCode::kIo, "not initialised"},
    {NVML_ERROR_INVALID_ARGUMENT, ErrorCode::kIo, "invalid argument"},
    {NVML_ERROR_CORRUPTED_INFOROM, ErrorCode::kIo, "corrupted infoROM", true},
    {NVML_ERROR_INSUFFICIENT_POWER, ErrorCode::kIo, "insufficient external power", true},
    {NVML_ERROR_IRQ_ISSUE, ErrorCode::kIo, "interrupts of the GPU do not arrive", true},
    {NVML_ERROR_OPERATING_SYSTEM, ErrorCode::kIo, "blocked by the operating system"},
    {NVML_ERROR_IN_USE, ErrorCode::kIo, "in use"},
    {NVML_ERROR_MEMORY, ErrorCode::kIo, "out of memory"},
    {NVML_ERROR_INSUFFICIENT_RESOURCES, ErrorCode::kIo, "insufficient resources"},
    {NVML_ERROR_INVALID_STATE, ErrorCode::kIo, "invalid state"},
    {NVML_ERROR_UNKNOWN, ErrorCode::kIo, "unknown error"},
};

}  // namespace

Error MissingFunction(std::string_view driver_version) {
  return {ErrorCode::kUnsupported, "not supported by driver " + std::string(driver_version),
          NVML_ERROR_FUNCTION_NOT_FOUND};
}

Error ErrorOf(nvmlReturn_t code, std::string_view function, std::string_view driver_version) {
  if (code == NVML_ERROR_FUNCTION_NOT_FOUND) return MissingFunction(driver_version);
  const int sys = static_cast<int>(code);
  const auto* known = std::find_if(std::begin(kMeanings), std::end(kMeanings),
                                   [&](const Meaning& meaning) { return meaning.code == code; });
  if (known == std::end(kMeanings)) {
    return {ErrorCode::kIo, std::string(function) + ": error " + std::to_string(sys), sys};
  }
  std::string text(known->text);
  return {known->as, known->plain ? text : std::string(function) + ": " + text, sys};
}

}  // namespace gpud::nvml
