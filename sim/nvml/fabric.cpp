// SPDX-License-Identifier: Apache-2.0
// The NVLink fabric that a GPU registers with. A scenario says what is wrong by facts:
// gpu.N.fabric_state (completed, in_progress, not_started), gpu.N.fabric_health (healthy,
// unhealthy, limited), gpu.N.fabric_status (an nvmlReturn_t), gpu.N.fabric_degraded_bw,
// .fabric_route_recovery, .fabric_route_unhealthy, .fabric_access_timeout (true or false),
// gpu.N.fabric_clique.
#include <cstring>

#include "nvml/driver.h"
#include "nvml/put.h"
#include "scenario/sha256.h"
#include "sources/nvml/abi/functions.h"

namespace gpud::sim_nvml {
namespace {

nvmlGpuFabricState_t StateOf(const Gpu& gpu) {
  if (!gpu.board().fabric) return NVML_GPU_FABRIC_STATE_NOT_SUPPORTED;
  const std::string word = gpu.FactText("fabric_state", "completed");
  return word == "not_started"   ? NVML_GPU_FABRIC_STATE_NOT_STARTED
         : word == "in_progress" ? NVML_GPU_FABRIC_STATE_IN_PROGRESS
                                 : NVML_GPU_FABRIC_STATE_COMPLETED;
}

unsigned HealthMask(const Gpu& gpu) {
  constexpr unsigned kTrue = 1, kFalse = 2;
  const auto field = [&](std::string_view fact, unsigned shift) {
    return (gpu.FactNumber(fact).value_or(0) != 0 ? kTrue : kFalse) << shift;
  };
  return field("fabric_degraded_bw", NVML_GPU_FABRIC_HEALTH_MASK_SHIFT_DEGRADED_BW) |
         field("fabric_route_recovery", NVML_GPU_FABRIC_HEALTH_MASK_SHIFT_ROUTE_RECOVERY) |
         field("fabric_route_unhealthy", NVML_GPU_FABRIC_HEALTH_MASK_SHIFT_ROUTE_UNHEALTHY) |
         field("fabric_access_timeout", NVML_GPU_FABRIC_HEALTH_MASK_SHIFT_ACCESS_TIMEOUT_RECOVERY);
}

unsigned char HealthSummary(const Gpu& gpu) {
  const std::string word = gpu.FactText("fabric_health", "healthy");
  return word == "unhealthy" ? NVML_GPU_FABRIC_HEALTH_SUMMARY_UNHEALTHY
         : word == "limited" ? NVML_GPU_FABRIC_HEALTH_SUMMARY_LIMITED_CAPACITY
                             : NVML_GPU_FABRIC_HEALTH_SUMMARY_HEALTHY;
}

// The fields that all versions share. A fabric within one machine has no cluster, one in a rack
// has.
template <class Info>
void FillShared(const Gpu& gpu, Info& info) {
  info.state = StateOf(gpu);
  info.status = static_cast<nvmlReturn_t>(gpu.FactNumber("fabric_status").value_or(NVML_SUCCESS));
  info.cliqueId = static_cast<unsigned>(gpu.FactNumber("fabric_clique").value_or(0));
  std::memset(info.clusterUuid, 0, sizeof info.clusterUuid);
  if (gpu.node().profile().switches == 0 && info.state == NVML_GPU_FABRIC_STATE_COMPLETED) {
    const auto hash = scenario::Sha256(std::to_string(gpu.node().scenario().seed) + "|fabric");
    std::memcpy(info.clusterUuid, hash.data(), sizeof info.clusterUuid);
  }
}

}  // namespace

extern "C" nvmlReturn_t nvmlDeviceGetGpuFabricInfo(nvmlDevice_t device, nvmlGpuFabricInfo_t* info) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    if (!info) return NVML_ERROR_INVALID_ARGUMENT;
    if (gpu.board().architecture < NVML_DEVICE_ARCH_HOPPER) return NVML_ERROR_NOT_SUPPORTED;
    FillShared(gpu, *info);
    return NVML_SUCCESS;
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetGpuFabricInfoV(nvmlDevice_t device,
                                                    nvmlGpuFabricInfo_v3_t* info) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    if (!info) return NVML_ERROR_INVALID_ARGUMENT;
    const bool third = info->version == VersionWord<nvmlGpuFabricInfo_v3_t>(3);
    if (!third && info->version != VersionWord<nvmlGpuFabricInfo_v2_t>(2)) {
      return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    }
    if (gpu.board().architecture < NVML_DEVICE_ARCH_HOPPER) return NVML_ERROR_NOT_SUPPORTED;
    // Version 2 is the beginning of version 3.
    FillShared(gpu, *info);
    const bool registered = info->state != NVML_GPU_FABRIC_STATE_NOT_SUPPORTED;
    info->healthMask = registered ? HealthMask(gpu) : 0;
    if (third) {
      info->healthSummary =
          registered ? HealthSummary(gpu) : NVML_GPU_FABRIC_HEALTH_SUMMARY_NOT_SUPPORTED;
    }
    return NVML_SUCCESS;
  });
}

}  // namespace gpud::sim_nvml
