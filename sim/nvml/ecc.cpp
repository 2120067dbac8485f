// SPDX-License-Identifier: Apache-2.0
// ECC, remapped rows and retired pages. A scenario begins with the driver's counters at nought:
// what is volatile and what is kept over the life of the board are the same numbers.
#include "nvml/driver.h"
#include "nvml/memory_errors.h"
#include "nvml/put.h"
#include "sources/nvml/abi/functions.h"

namespace gpud::sim_nvml {
namespace {

// Places that boards before Hopper count one by one; no scenario moves them.
bool CountsParts(const Gpu& gpu) { return gpu.board().architecture < NVML_DEVICE_ARCH_HOPPER; }

Reading Bool(Reading reading) {
  reading.value = reading.value > 0;
  return reading;
}

}  // namespace

bool HasEcc(const Gpu& gpu) { return gpu.board().datacenter() || gpu.ecc_on(); }

Reading MemoryErrors(Gpu& gpu, nvmlMemoryErrorType_t type, nvmlMemoryLocation_t location) {
  if (!gpu.ecc_on()) return {};
  const bool corrected = type == NVML_MEMORY_ERROR_TYPE_CORRECTED;
  switch (location) {
    case NVML_MEMORY_LOCATION_DEVICE_MEMORY:
      return gpu.Read(corrected ? "gpu.ecc.dram_corr" : "gpu.ecc.dram_unc");
    case NVML_MEMORY_LOCATION_SRAM:
      if (gpu.board().architecture < NVML_DEVICE_ARCH_AMPERE) return {};
      return gpu.Read(corrected ? "gpu.ecc.sram_corr" : "gpu.ecc.sram_unc");
    case NVML_MEMORY_LOCATION_L2_CACHE:
      return gpu.Read(corrected ? "gpu.ecc.sram_corr" : "gpu.ecc.sram_unc");
    case NVML_MEMORY_LOCATION_L1_CACHE:
    case NVML_MEMORY_LOCATION_REGISTER_FILE:
    case NVML_MEMORY_LOCATION_TEXTURE_MEMORY:
      return KnownIf(CountsParts(gpu), 0);
    case NVML_MEMORY_LOCATION_COUNT:
      break;
  }
  return location < NVML_MEMORY_LOCATION_COUNT ? Reading{}
                                               : Reading{.status = NVML_ERROR_INVALID_ARGUMENT};
}

Reading AllMemoryErrors(Gpu& gpu, nvmlMemoryErrorType_t type) {
  const Reading dram = MemoryErrors(gpu, type, NVML_MEMORY_LOCATION_DEVICE_MEMORY);
  const Reading sram = MemoryErrors(gpu, type, NVML_MEMORY_LOCATION_L2_CACHE);
  if (!dram) return dram;
  return {sram.status, dram.value + sram.value};
}

extern "C" nvmlReturn_t nvmlDeviceGetEccMode(nvmlDevice_t device, nvmlEnableState_t* current,
                                             nvmlEnableState_t* pending) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    const auto state = [](bool on) { return on ? NVML_FEATURE_ENABLED : NVML_FEATURE_DISABLED; };
    const std::string mode = gpu.FactText("ecc_mode");
    if (mode != "on" && mode != "off") return NVML_ERROR_NOT_SUPPORTED;
    if (!pending) return NVML_ERROR_INVALID_ARGUMENT;
    *pending = state(gpu.FactText("ecc_mode_pending", mode) == "on");
    return Put(current, state(mode == "on"));
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetDefaultEccMode(nvmlDevice_t device, nvmlEnableState_t* mode) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    return Put(mode, gpu.board().datacenter() ? NVML_FEATURE_ENABLED : NVML_FEATURE_DISABLED);
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetTotalEccErrors(nvmlDevice_t device, nvmlMemoryErrorType_t type,
                                                    nvmlEccCounterType_t /*counter*/,
                                                    unsigned long long* count) {
  return OnGpu(__func__, device,
               [&](Gpu& gpu) { return PutReading(count, AllMemoryErrors(gpu, type)); });
}

extern "C" nvmlReturn_t nvmlDeviceGetDetailedEccErrors(nvmlDevice_t device,
                                                       nvmlMemoryErrorType_t type,
                                                       nvmlEccCounterType_t /*counter*/,
                                                       nvmlEccErrorCounts_t* counts) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    if (!counts) return NVML_ERROR_INVALID_ARGUMENT;
    *counts = {};
    const nvmlReturn_t error = PutReading(
        &counts->deviceMemory, MemoryErrors(gpu, type, NVML_MEMORY_LOCATION_DEVICE_MEMORY));
    if (error != NVML_SUCCESS) return error;
    return PutReading(&counts->l2Cache, MemoryErrors(gpu, type, NVML_MEMORY_LOCATION_L2_CACHE));
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetMemoryErrorCounter(nvmlDevice_t device,
                                                        nvmlMemoryErrorType_t type,
                                                        nvmlEccCounterType_t /*counter*/,
                                                        nvmlMemoryLocation_t location,
                                                        unsigned long long* count) {
  return OnGpu(__func__, device,
               [&](Gpu& gpu) { return PutReading(count, MemoryErrors(gpu, type, location)); });
}

extern "C" nvmlReturn_t nvmlDeviceGetSramEccErrorStatus(nvmlDevice_t device,
                                                        nvmlEccSramErrorStatus_v1_t* status) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    if (!status) return NVML_ERROR_INVALID_ARGUMENT;
    const unsigned version = status->version;
    if (version != VersionWord<nvmlEccSramErrorStatus_v1_t>(1)) {
      return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    }
    if (gpu.board().remap_banks == 0 || !gpu.ecc_on()) return NVML_ERROR_NOT_SUPPORTED;
    const Reading corrected = gpu.Read("gpu.ecc.sram_corr");
    const Reading uncorrected = gpu.Read("gpu.ecc.sram_unc");
    const Reading threshold = gpu.Read("gpu.ecc.sram_threshold");
    for (const Reading& reading : {corrected, uncorrected, threshold}) {
      if (!reading) return reading.status;
    }
    const auto corr = static_cast<unsigned long long>(corrected.value);
    const auto unc = static_cast<unsigned long long>(uncorrected.value);
    *status = {.version = version,
               .aggregateUncParity = 0,
               .aggregateUncSecDed = unc,
               .aggregateCor = corr,
               .volatileUncParity = 0,
               .volatileUncSecDed = unc,
               .volatileCor = corr,
               .aggregateUncBucketL2 = unc,
               .aggregateUncBucketSm = 0,
               .aggregateUncBucketPcie = 0,
               .aggregateUncBucketMcu = 0,
               .aggregateUncBucketOther = 0,
               .bThresholdExceeded = threshold.value > 0};
    return NVML_SUCCESS;
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetRemappedRows(nvmlDevice_t device, unsigned* corrected,
                                                  unsigned* uncorrected, unsigned* pending,
                                                  unsigned* failure) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    if (gpu.board().remap_banks == 0) return NVML_ERROR_NOT_SUPPORTED;
    const std::pair<unsigned*, Reading> answers[] = {
        {corrected, gpu.Read("gpu.remap.corr")},
        {uncorrected, gpu.Read("gpu.remap.unc")},
        {pending, Bool(gpu.Read("gpu.remap.pending"))},
        {failure, Bool(gpu.Read("gpu.remap.failure"))}};
    for (const auto& [into, reading] : answers) {
      const nvmlReturn_t error = PutReading(into, reading);
      if (error != NVML_SUCCESS) return error;
    }
    return NVML_SUCCESS;
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetRowRemapperHistogram(
    nvmlDevice_t device, nvmlRowRemapperHistogramValues_t* values) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    if (!values) return NVML_ERROR_INVALID_ARGUMENT;
    if (gpu.board().remap_banks == 0) return NVML_ERROR_NOT_SUPPORTED;
    const Reading none = gpu.Read("gpu.remap.banks_none");
    const Reading low = gpu.Read("gpu.remap.banks_low");
    if (!none || !low) return none ? low.status : none.status;
    const auto banks = static_cast<double>(gpu.board().remap_banks);
    *values = {};
    values->none = static_cast<unsigned>(std::min(none.value, banks));
    values->low = static_cast<unsigned>(std::min(low.value, banks - values->none));
    values->max = gpu.board().remap_banks - values->none - values->low;
    return NVML_SUCCESS;
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetRetiredPages(nvmlDevice_t device,
                                                  nvmlPageRetirementCause_t /*cause*/,
                                                  unsigned* count,
                                                  unsigned long long* /*addresses*/) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    return gpu.board().retires_pages ? Put(count, 0) : NVML_ERROR_NOT_SUPPORTED;
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetRetiredPages_v2(nvmlDevice_t device,
                                                     nvmlPageRetirementCause_t /*cause*/,
                                                     unsigned* count,
                                                     unsigned long long* /*addresses*/,
                                                     unsigned long long* /*timestamps*/) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    return gpu.board().retires_pages ? Put(count, 0) : NVML_ERROR_NOT_SUPPORTED;
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetRetiredPagesPendingStatus(nvmlDevice_t device,
                                                               nvmlEnableState_t* pending) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    return gpu.board().retires_pages ? Put(pending, NVML_FEATURE_DISABLED)
                                     : NVML_ERROR_NOT_SUPPORTED;
  });
}

}  // namespace gpud::sim_nvml
