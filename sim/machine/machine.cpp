// SPDX-License-Identifier: Apache-2.0
#include "machine/machine.h"

#include "machine/parts.h"

namespace gpud::sim_machine {
namespace {

Tree FilesOf(Readings& now) {
  constexpr void (*kParts[])(Readings&, Tree&) = {AddIdentity, AddCpu,       AddMemory,
                                                  AddPressure, AddDisks,     AddNetwork,
                                                  AddPci,      AddProcesses, AddCgroups};
  Tree tree;
  for (const auto add : kParts) add(now, tree);
  return tree;
}

}  // namespace

Tree Machine::At(double t) {
  const double step = now_.node().scenario().step_s;
  for (; static_cast<double>(next_sample_) * step <= t; ++next_sample_) {
    now_.MoveTo(static_cast<double>(next_sample_) * step);
    FilesOf(now_);  // for what it counts
  }
  now_.MoveTo(t);
  return FilesOf(now_);
}

}  // namespace gpud::sim_machine
