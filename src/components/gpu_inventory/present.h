// SPDX-License-Identifier: Apache-2.0
// The GPUs that are there now, in the terms of an inventory.
#pragma once

#include <vector>

#include "model/inputs.h"
#include "model/inventory.h"
#include "sources/nvml/activity.h"
#include "sources/nvml/devices.h"
#include "sources/nvml/errors.h"
#include "sources/sysfs/pci.h"

namespace gpud::gpu_inventory {

/// What Present looks at.
inline constexpr const SourceType* kSources[] = {&nvml::kDevices, &nvml::kActivity, &nvml::kErrors,
                                                 &sysfs::kPci};

/// A GPU that answers. What could not be read of it is left at zero.
struct PresentGpu {
  ExpectedGpu gpu;
  bool links_read = false;   ///< gpu.nvlinks is a count
  bool fabric_read = false;  ///< gpu.fabric is an answer
};

/// The GPUs that answer, by bus id; and, while the driver is left alone, those of the PCI bus.
/// Error: of the driver's list of devices.
Result<std::vector<PresentGpu>> Present(const Inputs& in);

/// Raises `known` to what is better or new in `now`; false when nothing is.
bool Learn(const std::vector<PresentGpu>& now, Inventory& known);

}  // namespace gpud::gpu_inventory
