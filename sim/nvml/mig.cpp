// SPDX-License-Identifier: Apache-2.0
// MIG devices: handles, ids and attributes.
#include "nvml/driver.h"
#include "nvml/mig_geometry.h"
#include "nvml/put.h"
#include "sources/nvml/abi/functions.h"

namespace gpud::sim_nvml {
namespace {

bool CanMig(const Gpu& gpu) { return gpu.board().mig_sms_per_slice > 0; }

nvmlReturn_t Attributes(const char* function, nvmlDevice_t device,
                        nvmlDeviceAttributes_t* attributes) {
  return OnHandle(function, device, Need::kWorkingGpu, [&](Gpu& gpu, Handle& handle) {
    if (handle.instance < 0) return NVML_ERROR_NOT_SUPPORTED;  // of MIG devices alone
    const MigProfile profile = MigProfileOf(gpu);
    return Put(attributes, {.multiprocessorCount = profile.multiprocessors,
                            .sharedCopyEngineCount = profile.slices,
                            .sharedDecoderCount = profile.slices,
                            .sharedEncoderCount = 0,
                            .sharedJpegCount = profile.slices,
                            .sharedOfaCount = profile.slices == 7,
                            .gpuInstanceSliceCount = profile.slices,
                            .computeInstanceSliceCount = profile.slices,
                            .memorySizeMB = profile.memory_mib});
  });
}

}  // namespace

extern "C" nvmlReturn_t nvmlDeviceGetMigMode(nvmlDevice_t device, unsigned* current,
                                             unsigned* pending) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    if (!CanMig(gpu)) return NVML_ERROR_NOT_SUPPORTED;
    if (!pending) return NVML_ERROR_INVALID_ARGUMENT;
    const std::string mode = gpu.FactText("mig_mode", "off");
    *pending = gpu.FactText("mig_mode_pending", mode) == "on";
    return Put(current, mode == "on");
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetMaxMigDeviceCount(nvmlDevice_t device, unsigned* count) {
  return OnGpu(__func__, device, [&](Gpu& gpu) { return Put(count, CanMig(gpu) ? 7 : 0); });
}

extern "C" nvmlReturn_t nvmlDeviceGetMigDeviceHandleByIndex(nvmlDevice_t device, unsigned index,
                                                            nvmlDevice_t* mig_device) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    if (!CanMig(gpu)) return NVML_ERROR_NOT_SUPPORTED;
    if (index >= 7) return NVML_ERROR_INVALID_ARGUMENT;
    const int instance = static_cast<int>(index);
    if (instance >= gpu.mig_instances()) return NVML_ERROR_NOT_FOUND;
    return Put(mig_device, reinterpret_cast<nvmlDevice_t>(&Driver::The().HandleOf(gpu, instance)));
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetDeviceHandleFromMigDeviceHandle(nvmlDevice_t mig_device,
                                                                     nvmlDevice_t* device) {
  return OnHandle(__func__, mig_device, Need::kWorkingGpu, [&](Gpu& gpu, Handle& handle) {
    if (handle.instance < 0) return NVML_ERROR_INVALID_ARGUMENT;
    return Put(device, reinterpret_cast<nvmlDevice_t>(&Driver::The().HandleOf(gpu)));
  });
}

extern "C" nvmlReturn_t nvmlDeviceIsMigDeviceHandle(nvmlDevice_t device, unsigned* is_mig) {
  return OnHandle(__func__, device, Need::kAnyGpu,
                  [&](Gpu&, Handle& handle) { return Put(is_mig, handle.instance >= 0); });
}

extern "C" nvmlReturn_t nvmlDeviceGetGpuInstanceId(nvmlDevice_t device, unsigned* id) {
  return OnHandle(__func__, device, Need::kWorkingGpu, [&](Gpu& gpu, Handle& handle) {
    if (handle.instance < 0) return NVML_ERROR_NOT_SUPPORTED;
    return Put(id, GpuInstanceId(gpu, handle.instance));
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetComputeInstanceId(nvmlDevice_t device, unsigned* id) {
  return OnHandle(__func__, device, Need::kWorkingGpu, [&](Gpu&, Handle& handle) {
    return handle.instance < 0 ? NVML_ERROR_NOT_SUPPORTED : Put(id, 0);
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetAttributes(nvmlDevice_t device,
                                                nvmlDeviceAttributes_t* attributes) {
  return Attributes(__func__, device, attributes);
}
extern "C" nvmlReturn_t nvmlDeviceGetAttributes_v2(nvmlDevice_t device,
                                                   nvmlDeviceAttributes_t* attributes) {
  return Attributes(__func__, device, attributes);
}

}  // namespace gpud::sim_nvml
