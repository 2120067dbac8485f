// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "diagnosis/rules/shared.h"

namespace gpud::diagnosis {

std::span<const Rule* const> AllRules() {
  static const std::vector<const Rule*> all = [] {
    std::vector<const Rule*> rules;
    for (const auto& some : {ComputeRules(), DataRules(), CpuRules(), MemoryRules(), ThermalRules(),
                             PowerRules(), PcieRules(), NvlinkRules(), NetRules(), StorageRules(),
                             DriverRules(), GpuHardwareRules(), TenantRules()}) {
      for (const Rule& rule : some) rules.push_back(&rule);
    }
    return rules;
  }();
  return all;
}

int SubjectsOf(const NodeView& node, Scope scope) {
  const Shape& shape = node.store.shape();
  switch (scope) {
    case Scope::kNode:
      return 1;
    case Scope::kGpu:
      return shape.gpus;
    case Scope::kGpuLink:
      return shape.gpus * shape.links;
    case Scope::kGpuProcess:
      return shape.gpu_processes;
    case Scope::kProcess:
      return shape.processes;
    case Scope::kCgroup:
      return shape.cgroups + 1;
    case Scope::kDimm:
      return shape.dimms + 1;
    case Scope::kDisk:
      return shape.disks + 1;
    case Scope::kMount:
      return shape.mounts + 1;
    case Scope::kNic:
      return shape.nics + 1;
    case Scope::kService:
      return shape.services;
    case Scope::kPsu:
      return shape.psus;
    case Scope::kSwitch:
      return static_cast<int>(node.facts.switches.size());
  }
  return 0;
}

}  // namespace gpud::diagnosis
