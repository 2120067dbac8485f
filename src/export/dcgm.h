// SPDX-License-Identifier: Apache-2.0
// NVIDIA's GPUs under the names, units and labels of NVIDIA's DCGM exporter, for dashboards and
// alerts that know those. Off unless asked for: the same numbers have names of gpud's own.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "export/prometheus.h"
#include "model/inputs.h"

namespace gpud::dcgm {

/// What the numbers are labelled with besides the GPU.
struct Context {
  std::string hostname;
  /// The workload that a GPU is given to, by UUID: "pod", "namespace", "container".
  std::map<std::string, Labels> holders;
  /// Code of the newest Xid of a GPU, by PCI address ("0000:19:00.0"); nothing where the kernel's
  /// log cannot be read.
  std::optional<std::map<std::string, unsigned>> last_xids;
};

/// What the snapshots of sources/nvml tell; a reading that failed has no series, and a family
/// without series is left out.
std::vector<prometheus::Family> Families(const Inputs& in, const Context& context);

}  // namespace gpud::dcgm
