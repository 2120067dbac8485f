// SPDX-License-Identifier: Apache-2.0
// Modes, use and memory of a GPU.
#include "nvml/driver.h"
#include "nvml/mig_geometry.h"
#include "nvml/put.h"
#include "sources/nvml/abi/functions.h"

namespace gpud::sim_nvml {
namespace {

constexpr double kMib = 1024.0 * 1024.0;
// What the driver keeps for itself of each GPU's memory: page tables, firmware, ECC on old boards.
constexpr double kReservedShare = 0.0077;

struct MemoryNow {
  nvmlReturn_t status = NVML_ERROR_NOT_SUPPORTED;
  unsigned long long total = 0, reserved = 0, used = 0;
};

MemoryNow MemoryOf(Gpu& gpu, const Handle& handle) {
  const auto total = gpu.FactNumber("mem_total");
  const Reading used = gpu.Read("gpu.mem_used");
  if (!total || !used) return {.status = total ? used.status : NVML_ERROR_NOT_SUPPORTED};
  const auto bytes = [](double mib) { return static_cast<unsigned long long>(mib * kMib); };
  const int parts = handle.instance < 0 ? 1 : std::max(1, gpu.mig_instances());
  const double mib =
      handle.instance < 0 ? *total : static_cast<double>(MigProfileOf(gpu).memory_mib);
  return {.status = NVML_SUCCESS,
          .total = bytes(mib),
          .reserved = bytes(mib * kReservedShare),
          .used = bytes(std::min(mib * (1 - kReservedShare), used.value / parts))};
}

nvmlReturn_t VideoUse(const char* function, nvmlDevice_t device, unsigned* percent,
                      unsigned* period_us) {
  // No scenario has video work: an idle engine is a true answer, where there is one.
  return OnGpu(function, device, [&](Gpu&) {
    if (!period_us) return NVML_ERROR_INVALID_ARGUMENT;
    *period_us = 167'000;
    return Put(percent, 0);
  });
}

nvmlReturn_t Off(const char* function, nvmlDevice_t device, nvmlEnableState_t* mode) {
  return OnGpu(function, device, [&](Gpu&) { return Put(mode, NVML_FEATURE_DISABLED); });
}

}  // namespace

extern "C" nvmlReturn_t nvmlDeviceGetPersistenceMode(nvmlDevice_t device, nvmlEnableState_t* mode) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    return Put(mode,
               gpu.FactIs("persistence", "on") ? NVML_FEATURE_ENABLED : NVML_FEATURE_DISABLED);
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetComputeMode(nvmlDevice_t device, nvmlComputeMode_t* mode) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    const std::string word = gpu.FactText("compute_mode", "default");
    return Put(mode, word == "prohibited"          ? NVML_COMPUTEMODE_PROHIBITED
                     : word == "exclusive_process" ? NVML_COMPUTEMODE_EXCLUSIVE_PROCESS
                                                   : NVML_COMPUTEMODE_DEFAULT);
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetDisplayMode(nvmlDevice_t device, nvmlEnableState_t* mode) {
  return Off(__func__, device, mode);
}
extern "C" nvmlReturn_t nvmlDeviceGetDisplayActive(nvmlDevice_t device, nvmlEnableState_t* active) {
  return Off(__func__, device, active);
}
extern "C" nvmlReturn_t nvmlDeviceGetAccountingMode(nvmlDevice_t device, nvmlEnableState_t* mode) {
  return Off(__func__, device, mode);
}

extern "C" nvmlReturn_t nvmlDeviceGetUtilizationRates(nvmlDevice_t device,
                                                      nvmlUtilization_t* rates) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    if (!rates) return NVML_ERROR_INVALID_ARGUMENT;
    if (gpu.mig_instances() > 0) return NVML_ERROR_NOT_SUPPORTED;  // not counted in MIG mode
    const nvmlReturn_t error = PutReading(&rates->gpu, gpu.Read("gpu.util"));
    if (error != NVML_SUCCESS) return error;
    return PutReading(&rates->memory, gpu.Read("gpu.mem_util"));
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetEncoderUtilization(nvmlDevice_t device, unsigned* percent,
                                                        unsigned* period_us) {
  return VideoUse(__func__, device, percent, period_us);
}
extern "C" nvmlReturn_t nvmlDeviceGetDecoderUtilization(nvmlDevice_t device, unsigned* percent,
                                                        unsigned* period_us) {
  return VideoUse(__func__, device, percent, period_us);
}

extern "C" nvmlReturn_t nvmlDeviceGetMemoryInfo(nvmlDevice_t device, nvmlMemory_t* memory) {
  return OnHandle(__func__, device, Need::kWorkingGpu, [&](Gpu& gpu, Handle& handle) {
    if (!memory) return NVML_ERROR_INVALID_ARGUMENT;
    const MemoryNow now = MemoryOf(gpu, handle);
    if (now.status == NVML_SUCCESS) {
      // Version 1 counts what the driver keeps as used.
      const unsigned long long used = now.used + now.reserved;
      *memory = {.total = now.total, .free = now.total - used, .used = used};
    }
    return now.status;
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetMemoryInfo_v2(nvmlDevice_t device, nvmlMemory_v2_t* memory) {
  return OnHandle(__func__, device, Need::kWorkingGpu, [&](Gpu& gpu, Handle& handle) {
    if (!memory) return NVML_ERROR_INVALID_ARGUMENT;
    if (memory->version != VersionWord<nvmlMemory_v2_t>(2)) {
      return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    }
    const MemoryNow now = MemoryOf(gpu, handle);
    if (now.status == NVML_SUCCESS) {
      memory->total = now.total;
      memory->reserved = now.reserved;
      memory->used = now.used;
      memory->free = now.total - now.reserved - now.used;
    }
    return now.status;
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetBAR1MemoryInfo(nvmlDevice_t device, nvmlBAR1Memory_t* memory) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    const auto total = static_cast<unsigned long long>(gpu.board().bar1_mib * kMib);
    constexpr unsigned long long kMapped = 1ULL << 20;
    return Put(memory, {.bar1Total = total, .bar1Free = total - kMapped, .bar1Used = kMapped});
  });
}

}  // namespace gpud::sim_nvml
