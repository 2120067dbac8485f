// SPDX-License-Identifier: Apache-2.0
// PCI: slots that lost their card, links that run too slowly, devices that do not answer, and
// accesses that the IOMMU has refused.
#include "sources/sysfs/pci.h"

#include <set>

#include "components/bus_support.h"
#include "components/fault_history.h"
#include "components/line_device.h"
#include "components/pci/pci_lines.h"

namespace gpud::pci {
namespace {

constexpr std::string_view kTags[] = {"pci"};
constexpr const SourceType* kNeeds[] = {&sysfs::kPci};
constexpr FaultRules kFaultRules{.recovery_closes_all = true};

class Matcher final : public LineMatcher {
 public:
  void OnLine(const KernelLine& line, LineSink& sink) override {
    LineFinding finding = FindInTable("pci", kRules, line);
    if (finding.code.empty()) return;
    if (finding.device.empty()) finding.device = PciAddressIn(line.text);
    // A link that comes up is news only after it went down.
    if (finding.code == kLinkUp && down_.erase(finding.device) == 0) return;
    const bool down = finding.code == kLinkDown || finding.code == kCardGone;
    if (down && down_.size() < kMostPorts) down_.insert(finding.device);
    sink.Add(std::move(finding));
  }

 private:
  static constexpr std::size_t kMostPorts = 256;  // bounds what is remembered
  std::set<std::string> down_;
};

std::string NameOf(const Fault& fault) {
  if (fault.code == kLinkDown) return "the PCIe link of a slot went down";
  if (fault.code == kCardGone) return "a card vanished from its slot";
  if (fault.code == kPowerFault) return "power fault of a PCIe slot";
  if (fault.code == kNoTraining) return "a PCIe link could not be trained";
  if (fault.code == kInaccessible) return "a PCI device does not answer";
  if (fault.code == kNotReady) return "a PCI device did not come back from its reset";
  if (fault.code == kIommuHardware) return "the IOMMU has a hardware error";
  if (fault.code == kIommuTimeout) return "the IOMMU does not answer";
  return fault.code;
}

Report Check(const Inputs& in) {
  return {
      .states = {FaultState(in, "pci", "no PCI device has an open fault", NameOf, kFaultRules)}};
}

}  // namespace

extern constinit const ComponentType kType{
    .name = "pci",
    .tags = kTags,
    .needs = kNeeds,
    .needles = kNeedles,
    .clearable = true,
    .supported = [](const Inputs& in) { return BusSupport(in, "fault of a PCI device"); },
    .check = Check,
    .create_matcher = []() -> std::unique_ptr<LineMatcher> { return std::make_unique<Matcher>(); },
};

}  // namespace gpud::pci
