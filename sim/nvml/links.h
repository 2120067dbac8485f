// SPDX-License-Identifier: Apache-2.0
// NVLinks of a GPU: of single calls and of field values.
#pragma once

#include <string>

#include "nvml/gpu.h"

namespace gpud::sim_nvml {

/// Whether the GPU has the link at all.
bool HasLink(const Gpu& gpu, unsigned link);
/// NOT_SUPPORTED on NVLink 5, which counts bit errors instead.
Reading LinkErrors(Gpu& gpu, nvmlNvLinkErrorCounter_t counter, int link);
/// The errors of all links together.
Reading AllLinkErrors(Gpu& gpu, nvmlNvLinkErrorCounter_t counter);
/// What is at the other end.
struct LinkPeer {
  nvmlIntNvLinkDeviceType_t type = NVML_NVLINK_DEVICE_TYPE_UNKNOWN;
  std::string address;  ///< PCI address; "" when it is not of this machine
};
LinkPeer PeerOf(const Gpu& gpu, unsigned link);

}  // namespace gpud::sim_nvml
