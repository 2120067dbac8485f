// SPDX-License-Identifier: Apache-2.0
// Tell: an incident as a verdict for a person.
#pragma once

#include "diagnosis/incidents.h"
#include "diagnosis/texts.h"
#include "model/verdict.h"

namespace gpud::diagnosis {

struct Telling {
  const NodeView& node;
  WallTime start{};  ///< of the view's second 0
  const TextLanguage& language;
};

/// `placed` text: "{0}" and the other names of data/diagnoses/ filled in.
Verdict Tell(const Telling& telling, const Incidents& incidents, const Incident& incident);

/// "GPU 3", "GPUs 0-3, 6"; empty for none.
std::string GpuNames(const TextLanguage& language, const std::vector<int>& gpus);

}  // namespace gpud::diagnosis
