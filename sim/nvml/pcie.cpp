// SPDX-License-Identifier: Apache-2.0
// The PCI address of a GPU and its link.
#include "nvml/driver.h"
#include "nvml/put.h"
#include "nvml/xid_log.h"
#include "sources/nvml/abi/functions.h"

namespace gpud::sim_nvml {
namespace {

constexpr unsigned kNvidia = 0x10de;
constexpr unsigned kBusPcie = 2;

unsigned DeviceId(const Board& board) { return board.device_id << 16 | kNvidia; }
unsigned SubsystemId(const Board& board) { return board.subsystem_id << 16 | kNvidia; }

nvmlReturn_t Info(const char* function, nvmlDevice_t device, nvmlPciInfo_t* pci) {
  return OnHandle(function, device, Need::kAnyGpu, [&](Gpu& gpu, Handle&) {
    if (!pci) return NVML_ERROR_INVALID_ARGUMENT;
    const PciAddress address = PciOf(gpu);
    *pci = {};
    pci->domain = address.domain;
    pci->bus = address.bus;
    pci->device = address.device;
    pci->pciDeviceId = DeviceId(gpu.board());
    pci->pciSubSystemId = SubsystemId(gpu.board());
    FillText(pci->busIdLegacy, address.legacy_bus_id());
    FillText(pci->busId, address.bus_id());
    return NVML_SUCCESS;
  });
}

nvmlReturn_t PutSignal(const char* function, nvmlDevice_t device, unsigned* into,
                       std::string_view signal) {
  return OnGpu(function, device, [&](Gpu& gpu) { return PutReading(into, gpu.Read(signal)); });
}

}  // namespace

extern "C" nvmlReturn_t nvmlDeviceGetPciInfo(nvmlDevice_t device, nvmlPciInfo_t* pci) {
  return Info(__func__, device, pci);
}
extern "C" nvmlReturn_t nvmlDeviceGetPciInfo_v2(nvmlDevice_t device, nvmlPciInfo_t* pci) {
  return Info(__func__, device, pci);
}
extern "C" nvmlReturn_t nvmlDeviceGetPciInfo_v3(nvmlDevice_t device, nvmlPciInfo_t* pci) {
  return Info(__func__, device, pci);
}

extern "C" nvmlReturn_t nvmlDeviceGetPciInfoExt(nvmlDevice_t device, nvmlPciInfoExt_v1_t* pci) {
  return OnHandle(__func__, device, Need::kAnyGpu, [&](Gpu& gpu, Handle&) {
    if (!pci) return NVML_ERROR_INVALID_ARGUMENT;
    if (pci->version != VersionWord<nvmlPciInfoExt_v1_t>(1)) {
      return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
    }
    const PciAddress address = PciOf(gpu);
    pci->domain = address.domain;
    pci->bus = address.bus;
    pci->device = address.device;
    pci->pciDeviceId = DeviceId(gpu.board());
    pci->pciSubSystemId = SubsystemId(gpu.board());
    pci->baseClass = 3;
    pci->subClass = gpu.board().datacenter() ? 2 : 0;  // 3D controller, or VGA
    FillText(pci->busId, address.bus_id());
    return NVML_SUCCESS;
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetCurrPcieLinkGeneration(nvmlDevice_t device,
                                                            unsigned* generation) {
  return PutSignal(__func__, device, generation, "gpu.pcie.gen");
}
extern "C" nvmlReturn_t nvmlDeviceGetCurrPcieLinkWidth(nvmlDevice_t device, unsigned* width) {
  return PutSignal(__func__, device, width, "gpu.pcie.width");
}
extern "C" nvmlReturn_t nvmlDeviceGetMaxPcieLinkGeneration(nvmlDevice_t device,
                                                           unsigned* generation) {
  return PutSignal(__func__, device, generation, "gpu.pcie.gen_max");
}
extern "C" nvmlReturn_t nvmlDeviceGetMaxPcieLinkWidth(nvmlDevice_t device, unsigned* width) {
  return PutSignal(__func__, device, width, "gpu.pcie.width_max");
}

extern "C" nvmlReturn_t nvmlDeviceGetGpuMaxPcieLinkGeneration(nvmlDevice_t device,
                                                              unsigned* generation) {
  return OnGpu(__func__, device,
               [&](Gpu& gpu) { return Put(generation, gpu.board().pcie_generation); });
}

extern "C" nvmlReturn_t nvmlDeviceGetPcieThroughput(nvmlDevice_t device,
                                                    nvmlPcieUtilCounter_t counter,
                                                    unsigned* kilobytes_per_s) {
  return OnGpu(__func__, device, [&](Gpu& gpu) {
    if (counter > NVML_PCIE_UTIL_RX_BYTES) return NVML_ERROR_INVALID_ARGUMENT;
    const bool sent = counter == NVML_PCIE_UTIL_TX_BYTES;
    return PutReading(kilobytes_per_s, gpu.Read(sent ? "gpu.pcie_tx" : "gpu.pcie_rx"), 1000);
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetPcieReplayCounter(nvmlDevice_t device, unsigned* count) {
  return PutSignal(__func__, device, count, "gpu.pcie.replay");
}

extern "C" nvmlReturn_t nvmlDeviceGetBusType(nvmlDevice_t device, nvmlBusType_t* type) {
  return OnGpu(__func__, device, [&](Gpu&) { return Put(type, kBusPcie); });
}

}  // namespace gpud::sim_nvml
