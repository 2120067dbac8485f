// SPDX-License-Identifier: Apache-2.0
// GPU instances and their compute instances: one compute instance fills each GPU instance, and the
// handle of both is that of their MIG device.
#include "nvml/driver.h"
#include "nvml/mig_geometry.h"
#include "nvml/put.h"
#include "sources/nvml/abi/functions.h"

namespace gpud::sim_nvml {
namespace {

template <class Info>
void FillProfile(const MigProfile& profile, Info& info) {
  info.id = profile.id;
  info.isP2pSupported = 0;
  info.sliceCount = profile.slices;
  info.instanceCount = profile.most;
  info.multiprocessorCount = profile.multiprocessors;
  info.copyEngineCount = profile.slices;
  info.decoderCount = profile.slices;
  info.encoderCount = 0;
  info.jpegCount = profile.slices;
  info.ofaCount = profile.slices == 7;
  info.memorySizeMB = profile.memory_mib;
}

// answer(gpu, profile) for GPUs in MIG mode.
template <class Answer>
nvmlReturn_t OnProfile(const char* function, nvmlDevice_t device, unsigned profile,
                       std::optional<MigProfile> (*find)(const Gpu&, unsigned), Answer&& answer) {
  return OnGpu(function, device, [&](Gpu& gpu) {
    if (gpu.board().mig_sms_per_slice == 0 || !gpu.FactIs("mig_mode", "on")) {
      return NVML_ERROR_NOT_SUPPORTED;
    }
    const auto known = find(gpu, profile);
    return known ? answer(gpu, *known) : NVML_ERROR_NOT_SUPPORTED;
  });
}

template <class Instance, class Answer>
nvmlReturn_t OnInstance(const char* function, Instance instance, Answer&& answer) {
  return OnHandle(function, reinterpret_cast<nvmlDevice_t>(instance), Need::kWorkingGpu,
                  [&](Gpu& gpu, Handle& handle) {
                    if (handle.instance < 0) return NVML_ERROR_INVALID_ARGUMENT;
                    return answer(gpu, handle);
                  });
}

nvmlDevice_t DeviceOf(const Gpu& gpu) {
  return reinterpret_cast<nvmlDevice_t>(&Driver::The().HandleOf(gpu));
}

unsigned PlaceOf(const MigProfile& profile, const Handle& handle) {
  return static_cast<unsigned>(handle.instance) * profile.memory_slices;
}

nvmlReturn_t ComputeInfo(const char* function, nvmlComputeInstance_t instance,
                         nvmlComputeInstanceInfo_t* info) {
  return OnInstance(function, instance, [&](Gpu& gpu, Handle& handle) {
    const MigProfile profile = MigProfileOf(gpu);
    return Put(info, {.device = DeviceOf(gpu),
                      .gpuInstance = reinterpret_cast<nvmlGpuInstance_t>(&handle),
                      .id = 0,
                      .profileId = profile.number,
                      .placement = {.start = 0, .size = profile.slices}});
  });
}

}  // namespace

extern "C" nvmlReturn_t nvmlDeviceGetGpuInstanceProfileInfo(nvmlDevice_t device, unsigned profile,
                                                            nvmlGpuInstanceProfileInfo_t* info) {
  return OnProfile(__func__, device, profile, MigProfileByNumber,
                   [&](Gpu&, const MigProfile& known) {
                     if (!info) return NVML_ERROR_INVALID_ARGUMENT;
                     FillProfile(known, *info);
                     return NVML_SUCCESS;
                   });
}

extern "C" nvmlReturn_t nvmlDeviceGetGpuInstanceProfileInfoV(
    nvmlDevice_t device, unsigned profile, nvmlGpuInstanceProfileInfo_v2_t* info) {
  return OnProfile(__func__, device, profile, MigProfileByNumber,
                   [&](Gpu& gpu, const MigProfile& known) {
                     if (!info) return NVML_ERROR_INVALID_ARGUMENT;
                     if (info->version != VersionWord<nvmlGpuInstanceProfileInfo_v2_t>(2)) {
                       return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
                     }
                     FillProfile(known, *info);
                     FillText(info->name, MigProfileName(gpu, known));
                     return NVML_SUCCESS;
                   });
}

extern "C" nvmlReturn_t nvmlDeviceGetGpuInstanceRemainingCapacity(nvmlDevice_t device,
                                                                  unsigned profile_id,
                                                                  unsigned* count) {
  return OnProfile(
      __func__, device, profile_id, MigProfileById, [&](Gpu& gpu, const MigProfile& known) {
        constexpr unsigned kMemorySlices = 8;
        const unsigned taken =
            static_cast<unsigned>(gpu.mig_instances()) * MigProfileOf(gpu).memory_slices;
        const unsigned left = kMemorySlices - std::min(kMemorySlices, taken);
        return Put(count, std::min(known.most, left / known.memory_slices));
      });
}

extern "C" nvmlReturn_t nvmlDeviceGetGpuInstances(nvmlDevice_t device, unsigned profile_id,
                                                  nvmlGpuInstance_t* instances, unsigned* count) {
  return OnProfile(__func__, device, profile_id, MigProfileById,
                   [&](Gpu& gpu, const MigProfile& known) {
                     if (!instances || !count) return NVML_ERROR_INVALID_ARGUMENT;
                     const bool in_use = known.id == MigProfileOf(gpu).id;
                     *count = in_use ? static_cast<unsigned>(gpu.mig_instances()) : 0;
                     for (unsigned i = 0; i < *count; ++i) {
                       instances[i] = reinterpret_cast<nvmlGpuInstance_t>(
                           &Driver::The().HandleOf(gpu, static_cast<int>(i)));
                     }
                     return NVML_SUCCESS;
                   });
}

extern "C" nvmlReturn_t nvmlDeviceGetGpuInstanceById(nvmlDevice_t device, unsigned id,
                                                     nvmlGpuInstance_t* instance) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    for (int i = 0; i < gpu.mig_instances(); ++i) {
      if (GpuInstanceId(gpu, i) == id) {
        return Put(instance, reinterpret_cast<nvmlGpuInstance_t>(&Driver::The().HandleOf(gpu, i)));
      }
    }
    return NVML_ERROR_NOT_FOUND;
  });
}

extern "C" nvmlReturn_t nvmlGpuInstanceGetInfo(nvmlGpuInstance_t instance,
                                               nvmlGpuInstanceInfo_t* info) {
  return OnInstance(__func__, instance, [&](Gpu& gpu, Handle& handle) {
    const MigProfile profile = MigProfileOf(gpu);
    return Put(info,
               {.device = DeviceOf(gpu),
                .id = GpuInstanceId(gpu, handle.instance),
                .profileId = profile.id,
                .placement = {.start = PlaceOf(profile, handle), .size = profile.memory_slices}});
  });
}

extern "C" nvmlReturn_t nvmlGpuInstanceGetComputeInstanceProfileInfo(
    nvmlGpuInstance_t instance, unsigned profile, unsigned engine,
    nvmlComputeInstanceProfileInfo_t* info) {
  return OnInstance(__func__, instance, [&](Gpu& gpu, Handle&) {
    const MigProfile whole = MigProfileOf(gpu);
    if (engine != NVML_COMPUTE_INSTANCE_ENGINE_PROFILE_SHARED || profile != whole.number) {
      return NVML_ERROR_NOT_SUPPORTED;
    }
    return Put(info, {.id = whole.number,
                      .sliceCount = whole.slices,
                      .instanceCount = 1,
                      .multiprocessorCount = whole.multiprocessors,
                      .sharedCopyEngineCount = whole.slices,
                      .sharedDecoderCount = whole.slices,
                      .sharedEncoderCount = 0,
                      .sharedJpegCount = whole.slices,
                      .sharedOfaCount = whole.slices == 7});
  });
}

extern "C" nvmlReturn_t nvmlGpuInstanceGetComputeInstances(nvmlGpuInstance_t instance,
                                                           unsigned profile_id,
                                                           nvmlComputeInstance_t* instances,
                                                           unsigned* count) {
  return OnInstance(__func__, instance, [&](Gpu& gpu, Handle& handle) {
    if (!instances || !count) return NVML_ERROR_INVALID_ARGUMENT;
    *count = profile_id == MigProfileOf(gpu).number;
    if (*count > 0) instances[0] = reinterpret_cast<nvmlComputeInstance_t>(&handle);
    return NVML_SUCCESS;
  });
}

extern "C" nvmlReturn_t nvmlComputeInstanceGetInfo(nvmlComputeInstance_t instance,
                                                   nvmlComputeInstanceInfo_t* info) {
  return ComputeInfo(__func__, instance, info);
}
extern "C" nvmlReturn_t nvmlComputeInstanceGetInfo_v2(nvmlComputeInstance_t instance,
                                                      nvmlComputeInstanceInfo_t* info) {
  return ComputeInfo(__func__, instance, info);
}

}  // namespace gpud::sim_nvml
