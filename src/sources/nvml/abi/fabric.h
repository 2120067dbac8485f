// SPDX-License-Identifier: Apache-2.0
// NVML's C interface: the NVLink fabric (see abi/base.h).
#pragma once

#include "sources/nvml/abi/structs.h"

namespace gpud::nvml_abi {

using nvmlGpuFabricState_t = unsigned char;

constexpr nvmlGpuFabricState_t NVML_GPU_FABRIC_STATE_NOT_SUPPORTED = 0;
constexpr nvmlGpuFabricState_t NVML_GPU_FABRIC_STATE_NOT_STARTED = 1;
constexpr nvmlGpuFabricState_t NVML_GPU_FABRIC_STATE_IN_PROGRESS = 2;
constexpr nvmlGpuFabricState_t NVML_GPU_FABRIC_STATE_COMPLETED = 3;

// Fields of the health mask, two bits each: 0 not supported, 1 true, 2 false.
constexpr unsigned NVML_GPU_FABRIC_HEALTH_MASK_SHIFT_DEGRADED_BW = 0;
constexpr unsigned NVML_GPU_FABRIC_HEALTH_MASK_SHIFT_ROUTE_RECOVERY = 2;
constexpr unsigned NVML_GPU_FABRIC_HEALTH_MASK_SHIFT_ROUTE_UNHEALTHY = 4;
constexpr unsigned NVML_GPU_FABRIC_HEALTH_MASK_SHIFT_ACCESS_TIMEOUT_RECOVERY = 6;

constexpr unsigned NVML_GPU_FABRIC_HEALTH_SUMMARY_NOT_SUPPORTED = 0;
constexpr unsigned NVML_GPU_FABRIC_HEALTH_SUMMARY_HEALTHY = 1;
constexpr unsigned NVML_GPU_FABRIC_HEALTH_SUMMARY_UNHEALTHY = 2;
constexpr unsigned NVML_GPU_FABRIC_HEALTH_SUMMARY_LIMITED_CAPACITY = 3;

struct nvmlGpuFabricInfo_t {
  unsigned char clusterUuid[16];
  nvmlReturn_t status;
  unsigned cliqueId;
  nvmlGpuFabricState_t state;
};
struct nvmlGpuFabricInfo_v2_t {
  unsigned version;
  unsigned char clusterUuid[16];
  nvmlReturn_t status;
  unsigned cliqueId;
  nvmlGpuFabricState_t state;
  unsigned healthMask;
};
struct nvmlGpuFabricInfo_v3_t {
  unsigned version;
  unsigned char clusterUuid[16];
  nvmlReturn_t status;
  unsigned cliqueId;
  nvmlGpuFabricState_t state;
  unsigned healthMask;
  unsigned char healthSummary;
};

}  // namespace gpud::nvml_abi
