// SPDX-License-Identifier: Apache-2.0
// Machine checks: errors that processors and firmware found in the machine itself.
#include "components/component.h"
#include "components/machine_check/machine_check_lines.h"

namespace gpud::machine_check {
namespace {

constexpr std::string_view kTags[] = {"machine-check", "cpu"};

Support Supported(const Inputs& in) {
  if (!in.OwnEvents().empty()) return {};
  return {.supported = false, .reason = "no machine check is in the kernel's log"};
}

Report Check(const Inputs& in) {
  return {.states = {FaultState(in, "machine-check", "ok", FaultName)}};
}

}  // namespace

extern constinit const ComponentType kType{
    .name = "machine-check",
    .tags = kTags,
    .needles = kNeedles,
    .period = std::chrono::seconds(60),
    .clearable = true,
    .supported = Supported,
    .check = Check,
    .create_matcher = []() -> std::unique_ptr<LineMatcher> {
      return std::make_unique<MachineCheckMatcher>();
    },
};

}  // namespace gpud::machine_check
