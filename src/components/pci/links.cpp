// SPDX-License-Identifier: Apache-2.0
#include "components/pci/links.h"

#include <algorithm>

#include "platform/text.h"

namespace gpud::pci {
namespace {

// Each generation doubles the speed of the one before, or (the third) nearly so.
constexpr double kTwoGenerations = 3.5;

void AddErrors(const std::string& device, const Result<sysfs::AerCounts>& errors, Report& report) {
  if (!errors) return;
  const std::pair<const char*, std::uint64_t> rows[] = {{"correctable", errors->correctable},
                                                        {"nonfatal", errors->nonfatal},
                                                        {"fatal", errors->fatal}};
  for (const auto& [severity, count] : rows) {
    report.samples.push_back({.metric = "pci_aer_errors_total",
                              .labels = {{"device", device}, {"severity", severity}},
                              .value = static_cast<double>(count)});
  }
}

void AddLink(const sysfs::PcieDevice& device, Report& report) {
  const sysfs::PcieLink best = BestLink(device);
  const Labels labels{{"device", device.address}, {"kind", std::string(Word(device.kind))}};
  const auto add = [&](const char* metric, double value) {
    report.samples.push_back({.metric = metric, .labels = labels, .value = value});
  };
  add("pci_link_width", device.link->width);
  add("pci_link_gigatransfers", device.link->gigatransfers);
  if (best.width == 0) return;
  add("pci_link_width_max", best.width);
  add("pci_link_gigatransfers_max", best.gigatransfers);
}

std::string Name(const sysfs::PcieDevice& device) {
  return std::string(Word(device.kind)) + " " + device.address;
}

void Judge(const sysfs::PcieDevice& device, Findings& findings) {
  if (!device.slot) return;  // without a real port above it there is nothing to compare with
  const sysfs::PcieLink best = BestLink(device);
  if (device.link->width < best.width) {
    findings.Add(Health::kDegraded,
                 Name(device) + " has " + std::to_string(device.link->width) + " of " +
                     std::to_string(best.width) + " lanes",
                 RepairAction::kInspectHardware);
  }
  const bool steady =
      device.kind == sysfs::PcieKind::kNetwork || device.kind == sysfs::PcieKind::kNvme;
  if (steady && device.link->gigatransfers * kTwoGenerations < best.gigatransfers) {
    findings.Add(Health::kDegraded,
                 Name(device) + " runs at " + NumberText(device.link->gigatransfers) + " of " +
                     NumberText(best.gigatransfers) + " GT/s",
                 RepairAction::kInspectHardware);
  }
}

}  // namespace

sysfs::PcieLink BestLink(const sysfs::PcieDevice& device) {
  if (!device.slot) return device.best;
  return {std::min(device.best.gigatransfers, device.slot->gigatransfers),
          std::min(device.best.width, device.slot->width)};
}

void JudgeLinks(const sysfs::PcieDevices& devices, Report& report, Findings& findings) {
  std::string port;
  for (const sysfs::PcieDevice& device : devices.devices) {
    AddErrors(device.address, device.errors, report);
    // The functions of one device stand one after another, below the same port.
    if (device.port != port) AddErrors(device.port, device.port_errors, report);
    port = device.port;
    if (device.link) {
      AddLink(device, report);
      Judge(device, findings);
    } else {
      AddUnreadable(report, "pci/" + device.address, device.link);
    }
  }
}

}  // namespace gpud::pci
