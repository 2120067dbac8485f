// SPDX-License-Identifier: Apache-2.0
// PCI: slots that lost their card, links that run too slowly, devices that do not answer, and
// accesses that the IOMMU has refused.
#include "sources/sysfs/pci.h"

#include <algorithm>
#include <set>

#include "components/bus_support.h"
#include "components/fault_history.h"
#include "components/line_device.h"
#include "components/pci/data.h"
#include "components/pci/inventory.h"
#include "components/pci/links.h"
#include "components/pci/pci_lines.h"
#include "model/json_codec.h"
#include "platform/text.h"
#include "sources/host/identity.h"
#include "sources/sysfs/pci_acs.h"

namespace gpud::pci {
namespace {

constexpr std::string_view kTags[] = {"pci"};
constexpr const SourceType* kNeeds[] = {&sysfs::kPci, &sysfs::kPciExpress, &sysfs::kPciAcs,
                                        &host::kIdentity};
constexpr MetricType kMetrics[] = {
    {"pci_link_width", "lanes of a device's link, by device and kind"},
    {"pci_link_width_max", "lanes that the device and its slot have"},
    {"pci_link_gigatransfers", "speed of a device's link, per second and lane"},
    {"pci_link_gigatransfers_max", "speed that the device and its slot can run at"},
    {"pci_aer_errors_total", "errors that a device has reported since boot, by severity",
     MetricKind::kCounter},
};
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

std::string TextOf(const sysfs::PcieLink& link) {
  return "x" + std::to_string(link.width) + " at " + NumberText(link.gigatransfers) + " GT/s";
}

Data Describe(const sysfs::PcieDevices& devices) {
  Data data;
  for (const sysfs::PcieDevice& device : devices.devices) {
    const sysfs::PcieLink best = BestLink(device);
    data.devices.push_back({.id = device.address,
                            .kind = std::string(Word(device.kind)),
                            .model = device.model,
                            .link = device.link ? TextOf(*device.link) : "",
                            .link_max = best.width > 0 ? TextOf(best) : "",
                            .port = device.port});
  }
  return data;
}

/// Access control sends what GPUs exchange through the processor. It is wanted where devices are
/// given to virtual machines, so it is told and not judged, and only where there are GPUs.
void TellAcs(const Inputs& in, const sysfs::PcieDevices& devices, Data& data, Report& report) {
  const auto& acs = in.Latest<sysfs::AcsPorts>();
  if (!acs) {
    data.acs = acs.error().what;
    return;
  }
  std::string on;
  for (const sysfs::AcsPort& port : acs->ports) {
    if ((port.control & sysfs::kAcsSourceValidation) == 0) continue;
    data.acs_ports.push_back(port.address);
    on += (on.empty() ? "" : ", ") + port.address;
  }
  const auto gpus = std::count_if(devices.devices.begin(), devices.devices.end(),
                                  [](const auto& d) { return d.kind == sysfs::PcieKind::kGpu; });
  const bool told = std::any_of(in.OwnEvents().begin(), in.OwnEvents().end(), [&](const Event& e) {
    return e.name == "acs_enabled" && FactOf(e, "ports") == on;
  });
  if (on.empty() || gpus < 2 || told) return;
  report.events.push_back({.time = in.Now(),
                           .name = "acs_enabled",
                           .type = EventType::kWarning,
                           .message = "access control services are on at " + on +
                                      ": traffic between GPUs takes the way through the processor",
                           .extra_info = {{"ports", on}}});
}

Report Check(const Inputs& in) {
  Report report;
  report.states.emplace_back();  // the main state stands first; it is known last
  Findings findings;
  AddFaults(OpenFaults(in, kFaultRules), NameOf, findings);
  const auto& devices = in.Latest<sysfs::PcieDevices>();
  AddUnreadable(report, "pci/links", devices);
  Data data;
  if (devices) {
    // A virtual machine's bus is made up: its ports tell nothing of the hardware, and its disks and
    // adapters come and go by command.
    const auto& identity = in.Latest<host::Identity>();
    const bool real = identity && identity->virtual_machine == "none";
    Findings virtual_ones;
    JudgeLinks(*devices, report, real ? findings : virtual_ones);
    data = Describe(*devices);
    if (real) {
      JudgeInventory(in, *devices, report, findings);
      TellAcs(in, *devices, data, report);
    }
  }
  report.states.front() = findings.ToState("pci", "no PCI device has an open fault");
  report.states.front().extra_info["data"] = ToJson(data);
  return report;
}

}  // namespace

extern constinit const ComponentType kType{
    .name = "pci",
    .tags = kTags,
    .needs = kNeeds,
    .needles = kNeedles,
    .metrics = kMetrics,
    .clearable = true,
    .supported = [](const Inputs& in) { return BusSupport(in, "fault of a PCI device"); },
    .check = Check,
    .create_matcher = []() -> std::unique_ptr<LineMatcher> { return std::make_unique<Matcher>(); },
};

}  // namespace gpud::pci
