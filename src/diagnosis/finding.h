// SPDX-License-Identifier: Apache-2.0
// Finding: a rule that holds for a subject, with what it saw. Many findings are one incident.
#pragma once

#include "diagnosis/rule.h"

namespace gpud::diagnosis {

struct Finding {
  std::string_view id;  ///< "pcie.gpu_lost"
  int rule = -1;        ///< place in AllRules; -1: of the cluster
  int subject = 0;
  Severity severity = Severity::kWarning;
  double confidence = 0;
  Seconds onset = 0;  ///< when the evidence begins
  Seconds slack = 0;  ///< by which the onset may be too late, as means lag behind
  Seconds detected = 0;
  Seconds cleared = -1;  ///< negative: it stands
  Draft draft;
  std::vector<std::string> nodes;  ///< of a finding of the cluster

  bool stands() const { return cleared < 0; }
};

}  // namespace gpud::diagnosis
