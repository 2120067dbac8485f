// SPDX-License-Identifier: Apache-2.0
// NVML's C interface: parts of a GPU (MIG) (see abi/base.h).
#pragma once

#include "sources/nvml/abi/structs.h"

namespace gpud::nvml_abi {

constexpr unsigned NVML_GPU_INSTANCE_PROFILE_1_SLICE = 0;
constexpr unsigned NVML_GPU_INSTANCE_PROFILE_2_SLICE = 1;
constexpr unsigned NVML_GPU_INSTANCE_PROFILE_3_SLICE = 2;
constexpr unsigned NVML_GPU_INSTANCE_PROFILE_4_SLICE = 3;
constexpr unsigned NVML_GPU_INSTANCE_PROFILE_7_SLICE = 4;
constexpr unsigned NVML_COMPUTE_INSTANCE_ENGINE_PROFILE_SHARED = 0;

struct nvmlDeviceAttributes_t {
  unsigned multiprocessorCount;
  unsigned sharedCopyEngineCount, sharedDecoderCount, sharedEncoderCount, sharedJpegCount,
      sharedOfaCount;
  unsigned gpuInstanceSliceCount, computeInstanceSliceCount;
  unsigned long long memorySizeMB;
};

struct nvmlGpuInstancePlacement_t {
  unsigned start, size;  ///< in memory slices
};
struct nvmlGpuInstanceProfileInfo_t {
  unsigned id, isP2pSupported, sliceCount, instanceCount, multiprocessorCount, copyEngineCount,
      decoderCount, encoderCount, jpegCount, ofaCount;
  unsigned long long memorySizeMB;
};
struct nvmlGpuInstanceProfileInfo_v2_t {
  unsigned version;
  unsigned id, isP2pSupported, sliceCount, instanceCount, multiprocessorCount, copyEngineCount,
      decoderCount, encoderCount, jpegCount, ofaCount;
  unsigned long long memorySizeMB;
  char name[kNameSize];
};
struct nvmlGpuInstanceInfo_t {
  nvmlDevice_t device;
  unsigned id, profileId;
  nvmlGpuInstancePlacement_t placement;
};

struct nvmlComputeInstancePlacement_t {
  unsigned start, size;
};
struct nvmlComputeInstanceProfileInfo_t {
  unsigned id, sliceCount, instanceCount, multiprocessorCount, sharedCopyEngineCount,
      sharedDecoderCount, sharedEncoderCount, sharedJpegCount, sharedOfaCount;
};
struct nvmlComputeInstanceInfo_t {
  nvmlDevice_t device;
  nvmlGpuInstance_t gpuInstance;
  unsigned id, profileId;
  nvmlComputeInstancePlacement_t placement;
};

}  // namespace gpud::nvml_abi
