// SPDX-License-Identifier: Apache-2.0
// Rule: one way in which something is wrong, as specs/diagnosis.md, section 2, describes it. A rule
// is a row of a table and a function that looks at one subject; its texts are in data/diagnoses/.
#pragma once

#include <span>

#include "diagnosis/look.h"

namespace gpud::diagnosis {

/// What a rule looks at, one after the other. Of adapters, disks, mounts and groups there is one
/// more than the node has: what the log names and the node does not know.
enum class Scope : std::uint8_t {
  kNode,
  kGpu,
  kGpuLink,
  kGpuProcess,
  kProcess,
  kCgroup,
  kDimm,
  kDisk,
  kMount,
  kNic,
  kService,
  kPsu,
  kSwitch,
};

struct Rule {
  std::string_view id;  ///< several rules may be ways to the same diagnosis
  Scope scope = Scope::kNode;
  Severity severity = Severity::kWarning;
  double base = 0.8;  ///< of the confidence
  int hold_s = 0;     ///< so long must it hold; records of the log are told at once
  void (*look)(Look&) = nullptr;
  int every_s = 5;  ///< trends need not be worked out each time
  /// Looks at the log alone: nothing to do as long as none of these was seen.
  std::span<const EventCode> only_after = {};
};

/// All rules about one node.
std::span<const Rule* const> AllRules();
/// How many subjects of this kind the node has.
int SubjectsOf(const NodeView& node, Scope scope);

}  // namespace gpud::diagnosis
