// SPDX-License-Identifier: Apache-2.0
// Which GPUs there are, and how one gets hold of them.
#include "nvml/driver.h"
#include "nvml/mig_geometry.h"
#include "nvml/put.h"
#include "nvml/xid_log.h"
#include "sources/nvml/abi/functions.h"

namespace gpud::sim_nvml {
namespace {

nvmlDevice_t AsDevice(Handle* handle) { return reinterpret_cast<nvmlDevice_t>(handle); }

nvmlReturn_t Give(Driver& driver, Handle& handle, nvmlDevice_t* device) {
  if (!device) return NVML_ERROR_INVALID_ARGUMENT;
  // A GPU that has fallen off the bus has no handle to give; one that awaits a reset has.
  const nvmlReturn_t state = driver.StateOf(*handle.gpu);
  if (state == NVML_ERROR_GPU_IS_LOST) return state;
  *device = AsDevice(&handle);
  return NVML_SUCCESS;
}

template <class Fits>
nvmlReturn_t GiveFirst(Driver& driver, nvmlDevice_t* device, Fits&& fits) {
  for (Handle* handle : driver.listed()) {
    if (fits(*handle->gpu)) return Give(driver, *handle, device);
  }
  return NVML_ERROR_NOT_FOUND;
}

nvmlReturn_t Count(const char* function, unsigned* count) {
  return Call(function, [&](Driver& driver) {
    return Put(count, static_cast<unsigned>(driver.listed().size()));
  });
}

nvmlReturn_t ByIndex(const char* function, unsigned index, nvmlDevice_t* device) {
  return Call(function, [&](Driver& driver) {
    if (index >= driver.listed().size()) return NVML_ERROR_INVALID_ARGUMENT;
    return Give(driver, *driver.listed()[index], device);
  });
}

nvmlReturn_t ByBusId(const char* function, const char* bus_id, nvmlDevice_t* device) {
  return Call(function, [&](Driver& driver) {
    const auto address = bus_id ? ParsePciAddress(bus_id) : std::nullopt;
    if (!address) return NVML_ERROR_INVALID_ARGUMENT;
    return GiveFirst(driver, device,
                     [&](const Gpu& gpu) { return PciOf(gpu).bus_id() == address->bus_id(); });
  });
}

nvmlReturn_t ByUuid(Driver& driver, std::string_view uuid, nvmlDevice_t* device) {
  for (Handle* handle : driver.listed()) {
    const Gpu& gpu = *handle->gpu;
    for (int instance = 0; instance < gpu.mig_instances(); ++instance) {
      if (MigUuid(gpu, instance) == uuid) {
        return Give(driver, driver.HandleOf(gpu, instance), device);
      }
    }
  }
  return GiveFirst(driver, device, [&](const Gpu& gpu) { return gpu.FactText("uuid") == uuid; });
}

}  // namespace

extern "C" nvmlReturn_t nvmlDeviceGetCount(unsigned* count) { return Count(__func__, count); }
extern "C" nvmlReturn_t nvmlDeviceGetCount_v2(unsigned* count) { return Count(__func__, count); }

extern "C" nvmlReturn_t nvmlDeviceGetHandleByIndex(unsigned index, nvmlDevice_t* device) {
  return ByIndex(__func__, index, device);
}
extern "C" nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned index, nvmlDevice_t* device) {
  return ByIndex(__func__, index, device);
}

extern "C" nvmlReturn_t nvmlDeviceGetHandleByUUID(const char* uuid, nvmlDevice_t* device) {
  return Call(__func__, [&](Driver& driver) {
    return uuid ? ByUuid(driver, uuid, device) : NVML_ERROR_INVALID_ARGUMENT;
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetHandleByUUIDV(const nvmlUUID_v1_t* uuid,
                                                   nvmlDevice_t* device) {
  return Call(__func__, [&](Driver& driver) {
    if (!uuid) return NVML_ERROR_INVALID_ARGUMENT;
    if (uuid->version != VersionWord<nvmlUUID_v1_t>(1)) return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    if (uuid->type != 1) return NVML_ERROR_NOT_SUPPORTED;
    return ByUuid(driver, {uuid->value.str, strnlen(uuid->value.str, sizeof uuid->value.str)},
                  device);
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetHandleBySerial(const char* serial, nvmlDevice_t* device) {
  return Call(__func__, [&](Driver& driver) {
    if (!serial) return NVML_ERROR_INVALID_ARGUMENT;
    return GiveFirst(driver, device,
                     [&](const Gpu& gpu) { return gpu.FactText("serial") == serial; });
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetHandleByPciBusId(const char* bus_id, nvmlDevice_t* device) {
  return ByBusId(__func__, bus_id, device);
}
extern "C" nvmlReturn_t nvmlDeviceGetHandleByPciBusId_v2(const char* bus_id, nvmlDevice_t* device) {
  return ByBusId(__func__, bus_id, device);
}

extern "C" nvmlReturn_t nvmlGetExcludedDeviceCount(unsigned* count) {
  return Call(__func__, [&](Driver&) { return Put(count, 0); });
}

}  // namespace gpud::sim_nvml
