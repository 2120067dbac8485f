// SPDX-License-Identifier: Apache-2.0
#include "nvml/function_age.h"

namespace gpud::sim_nvml {
namespace {

struct Age {
  std::string_view name;
  int major;
};
// A name that ends in "*" stands for all that begin so.
constexpr Age kAges[] = {
    {"nvmlDeviceGetComputeRunningProcesses_v3", 510},
    {"nvmlDeviceGetGraphicsRunningProcesses_v3", 510},
    {"nvmlDeviceGetMPSComputeRunningProcesses_v3", 510},
    {"nvmlDeviceGetMemoryInfo_v2", 510},
    {"nvmlDeviceGetNumGpuCores", 510},
    {"nvmlDeviceGetMemoryBusWidth", 510},
    {"nvmlDeviceGetBusType", 510},
    {"nvmlDeviceGetGpuMaxPcieLinkGeneration", 515},
    {"nvmlDeviceGetGpuInstanceProfileInfoV", 515},
    {"nvmlGpm*", 520},
    {"nvmlDeviceGetGpuFabricInfo", 525},
    {"nvmlDeviceGetGspFirmware*", 525},
    {"nvmlSystemGetConfComputeCapabilities", 525},
    {"nvmlSystemGetConfComputeState", 525},
    {"nvmlDeviceGetCurrentClocksEventReasons", 535},
    {"nvmlDeviceGetSupportedClocksEventReasons", 535},
    {"nvmlDeviceGetGpuFabricInfoV", 550},
    {"nvmlDeviceGetProcessesUtilizationInfo", 550},
    {"nvmlDeviceGetModuleId", 550},
    {"nvmlDeviceGetNumaNodeId", 550},
    {"nvmlSystemGetConfComputeSettings", 550},
    {"nvmlDeviceGetSramEccErrorStatus", 555},
    {"nvmlDeviceGetPciInfoExt", 555},
    {"nvmlDeviceGetTemperatureV", 565},
    {"nvmlDeviceGetMarginTemperature", 570},
    {"nvmlDeviceGetPlatformInfo", 570},
    {"nvmlDeviceGetHandleByUUIDV", 570},
};

}  // namespace

int FirstMajorWith(std::string_view function) {
  for (const Age& age : kAges) {
    const bool all = age.name.ends_with('*');
    if (all ? function.starts_with(age.name.substr(0, age.name.size() - 1))
            : function == age.name) {
      return age.major;
    }
  }
  return 0;
}

}  // namespace gpud::sim_nvml
