// SPDX-License-Identifier: Apache-2.0
// What a GPU is: names, numbers, versions. Those that the library remembers answer for a GPU that
// does not.
#include "nvml/driver.h"
#include "nvml/mig_geometry.h"
#include "nvml/put.h"
#include "nvml/xid_log.h"
#include "scenario/sha256.h"
#include "sources/nvml/abi/functions.h"

namespace gpud::sim_nvml {
namespace {

template <class Answer>
nvmlReturn_t Remembered(const char* function, nvmlDevice_t device, Answer&& answer) {
  return OnHandle(function, device, Need::kAnyGpu,
                  [&](Gpu& gpu, Handle& handle) { return answer(gpu, handle); });
}

nvmlReturn_t PutTextIfAny(char* into, unsigned length, std::string_view text) {
  return text.empty() ? NVML_ERROR_NOT_SUPPORTED : PutText(into, length, text);
}

unsigned ListedIndex(const Gpu& gpu) {
  unsigned index = 0;
  for (const Handle* handle : Driver::The().listed()) {
    if (handle->gpu == &gpu) return index;
    ++index;
  }
  return index;
}

bool IsModule(const Board& board) { return board.link_version != 0; }  // not a card in a slot

}  // namespace

extern "C" nvmlReturn_t nvmlDeviceGetName(nvmlDevice_t device, char* name, unsigned length) {
  return Remembered(__func__, device, [&](Gpu& gpu, Handle& handle) {
    if (handle.instance < 0) return PutText(name, length, gpu.board().name);
    return PutText(name, length, std::string(gpu.board().name) + " " + MigProfileName(gpu));
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetUUID(nvmlDevice_t device, char* uuid, unsigned length) {
  return Remembered(__func__, device, [&](Gpu& gpu, Handle& handle) {
    if (handle.instance < 0) return PutText(uuid, length, gpu.FactText("uuid"));
    return PutText(uuid, length, MigUuid(gpu, handle.instance));
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetSerial(nvmlDevice_t device, char* serial, unsigned length) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    return PutTextIfAny(serial, length, gpu.board().datacenter() ? gpu.FactText("serial") : "");
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetBoardPartNumber(nvmlDevice_t device, char* part,
                                                     unsigned length) {
  return OnGpu(__func__, device,
               [&](Gpu& gpu) { return PutTextIfAny(part, length, gpu.board().part_number); });
}

extern "C" nvmlReturn_t nvmlDeviceGetVbiosVersion(nvmlDevice_t device, char* version,
                                                  unsigned length) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    return PutText(version, length, gpu.FactText("vbios", gpu.board().vbios));
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetInforomImageVersion(nvmlDevice_t device, char* version,
                                                         unsigned length) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    const std::string_view part = gpu.board().part_number;
    if (part.size() < 9) return NVML_ERROR_NOT_SUPPORTED;
    // "692-2G520-0200-000" has the image "G520.0200.00.05".
    return PutText(
        version, length,
        std::string(part.substr(5, 4)) + "." + std::string(part.substr(10, 4)) + ".00.05");
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetGspFirmwareVersion(nvmlDevice_t device, char* version) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    if (gpu.FactIs("gsp", "off")) return NVML_ERROR_NOT_SUPPORTED;
    constexpr unsigned kBuffer = 0x40;
    return PutText(version, kBuffer, Driver::The().version());
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetGspFirmwareMode(nvmlDevice_t device, unsigned* enabled,
                                                     unsigned* default_mode) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    if (!default_mode) return NVML_ERROR_INVALID_ARGUMENT;
    *default_mode = gpu.board().datacenter();
    return Put(enabled, !gpu.FactIs("gsp", "off"));
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetBrand(nvmlDevice_t device, nvmlBrandType_t* brand) {
  return Remembered(__func__, device,
                    [&](Gpu& gpu, Handle&) { return Put(brand, gpu.board().brand); });
}

extern "C" nvmlReturn_t nvmlDeviceGetArchitecture(nvmlDevice_t device,
                                                  nvmlDeviceArchitecture_t* arch) {
  return Remembered(__func__, device,
                    [&](Gpu& gpu, Handle&) { return Put(arch, gpu.board().architecture); });
}

extern "C" nvmlReturn_t nvmlDeviceGetCudaComputeCapability(nvmlDevice_t device, int* major,
                                                           int* minor) {
  return Remembered(__func__, device, [&](Gpu& gpu, Handle&) {
    if (!minor) return NVML_ERROR_INVALID_ARGUMENT;
    *minor = gpu.board().compute_minor;
    return Put(major, gpu.board().compute_major);
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetIndex(nvmlDevice_t device, unsigned* index) {
  return Remembered(__func__, device, [&](Gpu& gpu, Handle& handle) {
    return Put(index,
               handle.instance < 0 ? ListedIndex(gpu) : static_cast<unsigned>(handle.instance));
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetMinorNumber(nvmlDevice_t device, unsigned* minor) {
  return Remembered(__func__, device, [&](Gpu& gpu, Handle&) {
    return Put(minor, static_cast<unsigned>(gpu.index()));
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetModuleId(nvmlDevice_t device, unsigned* module) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    if (!IsModule(gpu.board())) return NVML_ERROR_NOT_SUPPORTED;
    return Put(module, static_cast<unsigned>(gpu.index() + 1));
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetBoardId(nvmlDevice_t device, unsigned* board) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    const PciAddress pci = PciOf(gpu);
    return Put(board, pci.domain << 16 | pci.bus << 8);
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetMultiGpuBoard(nvmlDevice_t device, unsigned* several) {
  return OnGpu(__func__, device, [&](Gpu&) { return Put(several, 0); });
}

extern "C" nvmlReturn_t nvmlDeviceGetNumGpuCores(nvmlDevice_t device, unsigned* cores) {
  return OnGpu(__func__, device, [&](Gpu& gpu) { return Put(cores, gpu.board().cores); });
}

extern "C" nvmlReturn_t nvmlDeviceGetMemoryBusWidth(nvmlDevice_t device, unsigned* bits) {
  return OnGpu(__func__, device, [&](Gpu& gpu) { return Put(bits, gpu.board().memory_bus_bits); });
}

extern "C" nvmlReturn_t nvmlDeviceGetPlatformInfo(nvmlDevice_t device,
                                                  nvmlPlatformInfo_v2_t* info) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    if (!info) return NVML_ERROR_INVALID_ARGUMENT;
    // Both versions are of one size and differ in names alone.
    static_assert(sizeof(nvmlPlatformInfo_v1_t) == sizeof(nvmlPlatformInfo_v2_t));
    const unsigned version = info->version;
    if (version != VersionWord<nvmlPlatformInfo_v1_t>(1) &&
        version != VersionWord<nvmlPlatformInfo_v2_t>(2)) {
      return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    }
    if (gpu.board().c2c_links == 0) return NVML_ERROR_NOT_SUPPORTED;  // not in a rack-wide fabric
    const auto hash = scenario::Sha256(gpu.node().name() + "|" + gpu.FactText("uuid"));
    *info = {.version = version,
             .ibGuid = {},
             .chassisSerialNumber = {},
             .slotNumber = 1,
             .trayIndex = 0,
             .hostId = 1,
             .peerType = 1,  // by a switch
             .moduleId = static_cast<unsigned char>(gpu.index() + 1)};
    std::ranges::copy(std::span(hash).first(8), info->ibGuid);
    std::memcpy(info->chassisSerialNumber, "1820124000001", 13);
    return NVML_SUCCESS;
  });
}

}  // namespace gpud::sim_nvml
