// SPDX-License-Identifier: Apache-2.0
// Machine: the files of /proc, /sys and /etc of a node of a scenario, over time.
#pragma once

#include "machine/readings.h"
#include "machine/tree.h"

namespace gpud::sim_machine {

class Machine {
 public:
  /// `node` outlives the machine.
  Machine(const scenario::Node& node, Origin origin) : now_(node, origin) {}

  /// The files at second `t` of the scenario, which must not fall from call to call. Depends on
  /// nothing else: counters are summed sample by sample, whatever was asked before.
  Tree At(double t);

 private:
  Readings now_;
  std::int64_t next_sample_ = 0;
};

}  // namespace gpud::sim_machine
