// SPDX-License-Identifier: Apache-2.0
// PCIe AER: errors on the links of the PCI Express bus, as the kernel reports them.
#include "components/bus_support.h"
#include "components/component.h"
#include "components/fault_history.h"
#include "components/pcie_aer/aer_matcher.h"
#include "sources/sysfs/pci.h"

namespace gpud::pcie_aer {
namespace {

constexpr std::string_view kTags[] = {"pci", "pcie-aer"};
constexpr const SourceType* kNeeds[] = {&sysfs::kPci};

// A healthy link corrects an error now and then; a marginal one does so without end. The kernel
// counts no time: at 100 in an hour there is more than one each minute.
constexpr FaultRules kRules{.reports_per_hour = 100, .recovery_closes_all = true};

std::string NameOf(const Fault& fault) {
  if (fault.code == kCorrectable) return "many corrected errors of the PCIe link";
  if (fault.code == kNonFatal) return "an uncorrected, non-fatal PCIe error";
  if (fault.code == kFatal) return "a fatal PCIe error";
  if (fault.code == kRecoveryFailed) return "recovery from a PCIe error failed";
  if (fault.code == kDisconnected) return "the firmware reported a disconnected PCIe port";
  return "a PCIe port was shut to contain an error";
}

Report Check(const Inputs& in) {
  return {.states = {FaultState(in, "pcie-aer", "no PCIe link has an open error", NameOf, kRules)}};
}

}  // namespace

extern constinit const ComponentType kType{
    .name = "pcie-aer",
    .tags = kTags,
    .needs = kNeeds,
    .needles = kNeedles,
    .clearable = true,
    .supported = [](const Inputs& in) { return BusSupport(in, "PCIe error"); },
    .check = Check,
    .create_matcher = []() -> std::unique_ptr<LineMatcher> {
      return std::make_unique<AerMatcher>();
    },
};

}  // namespace gpud::pcie_aer
