// SPDX-License-Identifier: Apache-2.0
// What NVIDIA's kernel module tells in /proc/driver/nvidia, which wakes no GPU.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/root.h"

namespace gpud::nvml {

/// A GPU of the kernel's module: /proc/driver/nvidia/gpus/BUS_ID/information. What it says with
/// question marks, as before the GPU's first use, is empty here.
struct KernelModuleGpu {
  std::string bus_id;  ///< "0000:19:00.0"
  std::string name;    ///< "NVIDIA H100 80GB HBM3"
  std::string uuid;
  std::string vbios_version;
  std::optional<std::uint32_t> minor_number;
  bool initialised = true;  ///< false: nobody has used it since the module was loaded
};

KernelModuleGpu ParseGpuInformation(std::string_view text);

/// By PCI address; none where the module is not loaded.
std::vector<KernelModuleGpu> KernelModuleGpus(const Root& root);

/// "535.129.03" from /proc/driver/nvidia/version; empty where the module is not loaded.
std::string KernelModuleVersion(const Root& root);

/// How often the module is in use: descriptors of its device files, and other modules. Source: the
/// third column of /proc/modules. Nothing where that does not tell.
std::optional<std::uint64_t> KernelModuleUses(const Root& root);

}  // namespace gpud::nvml
