// SPDX-License-Identifier: Apache-2.0
// A driver that takes no time: eight GPUs, every function succeeds at once. What a sweep over it
// costs is gpud's own part. All names that are not here stand for Succeed (CMakeLists.txt).
#include "sources/nvml/abi/functions.h"

namespace gpud::nvml_abi {

constexpr unsigned kGpus = 8;
char handles[kGpus];

extern "C" {

nvmlReturn_t Succeed() { return NVML_SUCCESS; }

nvmlReturn_t nvmlDeviceGetCount_v2(unsigned* count) {
  *count = kGpus;
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned index, nvmlDevice_t* device) {
  *device = reinterpret_cast<nvmlDevice_t>(handles + index);
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetUtilizationRates(nvmlDevice_t, nvmlUtilization_t* rates) {
  *rates = {.gpu = 90, .memory = 40};
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetFieldValues(nvmlDevice_t, int count, nvmlFieldValue_t* values) {
  for (int i = 0; i < count; ++i) {
    values[i].nvmlReturn = NVML_SUCCESS;
    values[i].valueType = NVML_VALUE_TYPE_UNSIGNED_LONG_LONG;
    values[i].value.ullVal = 18;  // links, too
  }
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetSamples(nvmlDevice_t, nvmlSamplingType_t, unsigned long long last_seen,
                                  nvmlValueType_t* type, unsigned* count, nvmlSample_t* samples) {
  *type = NVML_VALUE_TYPE_UNSIGNED_INT;
  if (!samples) {
    *count = 120;
    return NVML_SUCCESS;
  }
  for (unsigned i = 0; i < *count; ++i) {
    samples[i].timeStamp = last_seen + i + 1;
    samples[i].sampleValue.uiVal = i;
  }
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlGpmQueryDeviceSupport(nvmlDevice_t, nvmlGpmSupport_t* support) {
  support->isSupportedDevice = 1;
  return NVML_SUCCESS;
}

nvmlReturn_t nvmlEventSetWait_v2(nvmlEventSet_t, nvmlEventData_t*, unsigned) {
  return NVML_ERROR_TIMEOUT;
}

}  // extern "C"

}  // namespace gpud::nvml_abi
