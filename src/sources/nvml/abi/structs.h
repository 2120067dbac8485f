// SPDX-License-Identifier: Apache-2.0
// NVML's C interface: what calls fill in (see abi/base.h).
#pragma once

#include <cstddef>

#include "sources/nvml/abi/base.h"

namespace gpud::nvml_abi {

/// The `version` word of a versioned struct: its size with the version in the highest byte.
template <class T>
constexpr unsigned VersionWord(unsigned version) {
  return static_cast<unsigned>(sizeof(T)) | version << 24U;
}

constexpr std::size_t kNameSize = 96;
constexpr std::size_t kUuidSize = 96;

struct nvmlPciInfo_t {
  char busIdLegacy[16];
  unsigned domain, bus, device;
  unsigned pciDeviceId;  ///< device id in the high half, vendor id in the low one
  unsigned pciSubSystemId;
  char busId[32];
};
struct nvmlPciInfoExt_v1_t {
  unsigned version;
  unsigned domain, bus, device;
  unsigned pciDeviceId, pciSubSystemId;
  unsigned baseClass, subClass;
  char busId[32];
};

struct nvmlUtilization_t {
  unsigned gpu, memory;  ///< percent
};
struct nvmlMemory_t {
  unsigned long long total, free, used;  ///< bytes; used includes what the driver keeps
};
struct nvmlMemory_v2_t {
  unsigned version;
  unsigned long long total, reserved, free, used;
};
struct nvmlBAR1Memory_t {
  unsigned long long bar1Total, bar1Free, bar1Used;
};

struct nvmlProcessInfo_v1_t {
  unsigned pid;
  unsigned long long usedGpuMemory;
};
struct nvmlProcessInfo_t {  // v2 and v3 of the calls
  unsigned pid;
  unsigned long long usedGpuMemory;
  unsigned gpuInstanceId, computeInstanceId;  ///< all ones outside MIG
};
struct nvmlProcessUtilizationSample_t {
  unsigned pid;
  unsigned long long timeStamp;  ///< microseconds since 1970
  unsigned smUtil, memUtil, encUtil, decUtil;
};
struct nvmlProcessUtilizationInfo_v1_t {
  unsigned long long timeStamp;
  unsigned pid, smUtil, memUtil, encUtil, decUtil, jpgUtil, ofaUtil;
};
struct nvmlProcessesUtilizationInfo_v1_t {
  unsigned version;
  unsigned processSamplesCount;
  unsigned long long lastSeenTimeStamp;
  nvmlProcessUtilizationInfo_v1_t* procUtilArray;
};

struct nvmlEccErrorCounts_t {
  unsigned long long l1Cache, l2Cache, deviceMemory, registerFile;
};
struct nvmlEccSramErrorStatus_v1_t {
  unsigned version;
  unsigned long long aggregateUncParity, aggregateUncSecDed, aggregateCor;
  unsigned long long volatileUncParity, volatileUncSecDed, volatileCor;
  unsigned long long aggregateUncBucketL2, aggregateUncBucketSm, aggregateUncBucketPcie,
      aggregateUncBucketMcu, aggregateUncBucketOther;
  unsigned bThresholdExceeded;
};
struct nvmlRowRemapperHistogramValues_t {
  unsigned max, high, partial, low, none;  ///< banks by spare rows left
};

struct nvmlMarginTemperature_v1_t {
  unsigned version;
  int marginTemperature;
};
struct nvmlTemperature_v1_t {
  unsigned version;
  nvmlTemperatureSensors_t sensorType;
  int temperature;
};
union nvmlValue_t {
  double dVal;
  int siVal;
  unsigned uiVal;
  unsigned long ulVal;
  unsigned long long ullVal;
  long long sllVal;
  unsigned short usVal;
};
struct nvmlSample_t {
  unsigned long long timeStamp;  ///< microseconds since 1970
  nvmlValue_t sampleValue;
};
struct nvmlViolationTime_t {
  unsigned long long referenceTime;  ///< microseconds since 1970
  unsigned long long violationTime;  ///< nanoseconds
};
struct nvmlFieldValue_t {
  unsigned fieldId;
  unsigned scopeId;
  long long timestamp;  ///< microseconds since 1970
  long long latencyUsec;
  nvmlValueType_t valueType;
  nvmlReturn_t nvmlReturn;
  nvmlValue_t value;
};

struct nvmlEventData_t {
  nvmlDevice_t device;
  unsigned long long eventType;
  unsigned long long eventData;  ///< the Xid
  unsigned gpuInstanceId, computeInstanceId;
};

struct nvmlUUID_v1_t {
  unsigned version;
  unsigned type;  ///< 1: text, 2: bytes
  union {
    char str[41];
    unsigned char bytes[16];
  } value;
};

struct nvmlPlatformInfo_v1_t {
  unsigned version;
  unsigned char ibGuid[16];
  unsigned char rackGuid[16];
  unsigned char chassisPhysicalSlotNumber, computeSlotIndex, nodeIndex, peerType, moduleId;
};
struct nvmlPlatformInfo_v2_t {
  unsigned version;
  unsigned char ibGuid[16];
  unsigned char chassisSerialNumber[16];
  unsigned char slotNumber, trayIndex, hostId, peerType, moduleId;
};

struct nvmlConfComputeSystemState_t {
  unsigned environment, ccFeature, devToolsMode;
};
struct nvmlConfComputeSystemCaps_t {
  unsigned cpuCaps, gpusCaps;
};
struct nvmlSystemConfComputeSettings_v1_t {
  unsigned version;
  unsigned environment, ccFeature, devToolsMode, multiGpuMode;
};

}  // namespace gpud::nvml_abi
