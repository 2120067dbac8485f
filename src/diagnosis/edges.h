// SPDX-License-Identifier: Apache-2.0
// Which diagnosis explains which (specs/diagnosis.md, 1.6).
#pragma once

#include <string_view>

namespace gpud::diagnosis {

struct Edge {
  /// What cause and effect must have in common.
  enum class Shared : unsigned char {
    kNode,
    kGpu,      ///< a GPU
    kDevice,   ///< an adapter, a disk, a mount, a PCI address
    kProcess,  ///< a process, a control group, or a GPU
    kMount,    ///< the mount's adapter, where it is known
  };
  std::string_view cause;    ///< "pcie.gpu_lost"; "thermal.*": all that begin so
  std::string_view effects;  ///< separated by blanks
  Shared shared = Shared::kNode;
  bool late = false;  ///< an early sign: however long before its final state
};

/// Null when the one does not explain the other.
const Edge* FindEdge(std::string_view cause, std::string_view effect);

}  // namespace gpud::diagnosis
