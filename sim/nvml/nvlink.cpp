// SPDX-License-Identifier: Apache-2.0
// NVLinks, their errors and their ends.
#include "nvml/driver.h"
#include "nvml/links.h"
#include "nvml/put.h"
#include "nvml/xid_log.h"
#include "platform/text.h"
#include "sources/nvml/abi/functions.h"

namespace gpud::sim_nvml {
namespace {

constexpr unsigned kSwitchDeviceId = 0x22a3'10de;

template <class Answer>
nvmlReturn_t OnLink(const char* function, nvmlDevice_t device, unsigned link, Answer&& answer) {
  return OnGpu(function, device, [&](Gpu& gpu) {
    if (gpu.board().link_version == 0) return NVML_ERROR_NOT_SUPPORTED;
    if (!HasLink(gpu, link)) return NVML_ERROR_INVALID_ARGUMENT;
    return answer(gpu);
  });
}

nvmlReturn_t RemotePci(const char* function, nvmlDevice_t device, unsigned link,
                       nvmlPciInfo_t* pci) {
  return OnLink(function, device, link, [&](Gpu& gpu) {
    if (!pci) return NVML_ERROR_INVALID_ARGUMENT;
    const LinkPeer peer = PeerOf(gpu, link);
    const auto address = ParsePciAddress(peer.address);
    if (!address) return NVML_ERROR_NOT_SUPPORTED;
    *pci = {};
    pci->domain = address->domain;
    pci->bus = address->bus;
    pci->device = address->device;
    pci->pciDeviceId = peer.type == NVML_NVLINK_DEVICE_TYPE_SWITCH ? kSwitchDeviceId : 0;
    FillText(pci->busIdLegacy, address->legacy_bus_id());
    FillText(pci->busId, address->bus_id());
    return NVML_SUCCESS;
  });
}

std::string TextFact(const Gpu& gpu, const std::string& name) {
  const auto* value = gpu.node().FactNow(name, gpu.moment().t);
  const auto* text = value ? std::get_if<std::string>(value) : nullptr;
  return text ? *text : "";
}

}  // namespace

bool HasLink(const Gpu& gpu, unsigned link) {
  return gpu.board().link_version != 0 && link < static_cast<unsigned>(gpu.node().profile().links);
}

Reading LinkErrors(Gpu& gpu, nvmlNvLinkErrorCounter_t counter, int link) {
  switch (counter) {
    case NVML_NVLINK_ERROR_DL_REPLAY:
      return gpu.Read("nvlink.replay", link);
    case NVML_NVLINK_ERROR_DL_RECOVERY:
      return gpu.Read("nvlink.recovery", link);
    case NVML_NVLINK_ERROR_DL_CRC_FLIT:
      return gpu.Read("nvlink.crc_flit", link);
    case NVML_NVLINK_ERROR_DL_CRC_DATA:
      return gpu.Read("nvlink.crc_data", link);
    case NVML_NVLINK_ERROR_DL_ECC_DATA:
      return {};
  }
  return {.status = NVML_ERROR_INVALID_ARGUMENT};
}

Reading AllLinkErrors(Gpu& gpu, nvmlNvLinkErrorCounter_t counter) {
  Reading all;
  for (int link = 0; HasLink(gpu, static_cast<unsigned>(link)); ++link) {
    const Reading errors = LinkErrors(gpu, counter, link);
    if (!errors) return errors;
    all = {NVML_SUCCESS, all.value + errors.value};
  }
  return all;
}

// "switch 2 port 30" or "gpu 3" where the scenario says; else links are spread over the switches of
// the machine. A machine without switches of its own has them elsewhere in the rack.
LinkPeer PeerOf(const Gpu& gpu, unsigned link) {
  const std::string prefix = "nvlink." + std::to_string(gpu.index()) + "." + std::to_string(link);
  const std::string fact = TextFact(gpu, prefix + ".peer");
  const auto words = SplitBlanks(fact);
  const auto& profile = gpu.node().profile();
  if (words.size() >= 2 && words[0] == "gpu") {
    const std::string other(words[1]);
    return {.type = NVML_NVLINK_DEVICE_TYPE_GPU, .address = TextFact(gpu, "gpu." + other + ".pci")};
  }
  std::string which;
  if (words.size() >= 2 && words[0] == "switch") {
    which = words[1];
  } else if (profile.switches > 0) {
    which = std::to_string(static_cast<int>(link) * profile.switches / profile.links);
  }
  return {.type = NVML_NVLINK_DEVICE_TYPE_SWITCH,
          .address = which.empty() ? "" : TextFact(gpu, "switch." + which + ".pci")};
}

extern "C" nvmlReturn_t nvmlDeviceGetNvLinkState(nvmlDevice_t device, unsigned link,
                                                 nvmlEnableState_t* active) {
  return OnLink(__func__, device, link, [&](Gpu& gpu) {
    const Reading up = gpu.Read("nvlink.state", link);
    return up ? Put(active, up.value > 0 ? NVML_FEATURE_ENABLED : NVML_FEATURE_DISABLED)
              : up.status;
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetNvLinkVersion(nvmlDevice_t device, unsigned link,
                                                   unsigned* version) {
  return OnLink(__func__, device, link,
                [&](Gpu& gpu) { return Put(version, gpu.board().link_version); });
}

extern "C" nvmlReturn_t nvmlDeviceGetNvLinkCapability(nvmlDevice_t device, unsigned link,
                                                      nvmlNvLinkCapability_t capability,
                                                      unsigned* result) {
  return OnLink(__func__, device, link, [&](Gpu&) {
    switch (capability) {
      case NVML_NVLINK_CAP_P2P_SUPPORTED:
      case NVML_NVLINK_CAP_P2P_ATOMICS:
      case NVML_NVLINK_CAP_VALID:
        return Put(result, 1);
      case NVML_NVLINK_CAP_SYSMEM_ACCESS:
      case NVML_NVLINK_CAP_SYSMEM_ATOMICS:
      case NVML_NVLINK_CAP_SLI_BRIDGE:
        return Put(result, 0);
    }
    return NVML_ERROR_INVALID_ARGUMENT;
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetNvLinkErrorCounter(nvmlDevice_t device, unsigned link,
                                                        nvmlNvLinkErrorCounter_t counter,
                                                        unsigned long long* count) {
  return OnLink(__func__, device, link, [&](Gpu& gpu) {
    return PutReading(count, LinkErrors(gpu, counter, static_cast<int>(link)));
  });
}

extern "C" nvmlReturn_t nvmlDeviceGetNvLinkRemotePciInfo(nvmlDevice_t device, unsigned link,
                                                         nvmlPciInfo_t* pci) {
  return RemotePci(__func__, device, link, pci);
}
extern "C" nvmlReturn_t nvmlDeviceGetNvLinkRemotePciInfo_v2(nvmlDevice_t device, unsigned link,
                                                            nvmlPciInfo_t* pci) {
  return RemotePci(__func__, device, link, pci);
}

extern "C" nvmlReturn_t nvmlDeviceGetNvLinkRemoteDeviceType(nvmlDevice_t device, unsigned link,
                                                            nvmlIntNvLinkDeviceType_t* type) {
  return OnLink(__func__, device, link,
                [&](Gpu& gpu) { return Put(type, PeerOf(gpu, link).type); });
}

extern "C" nvmlReturn_t nvmlDeviceGetNvLinkUtilizationCounter(nvmlDevice_t device, unsigned link,
                                                              unsigned /*counter*/,
                                                              unsigned long long* /*rx*/,
                                                              unsigned long long* /*tx*/) {
  // Boards since Ampere have field values instead.
  return OnLink(__func__, device, link, [&](Gpu&) { return NVML_ERROR_NOT_SUPPORTED; });
}

}  // namespace gpud::sim_nvml
