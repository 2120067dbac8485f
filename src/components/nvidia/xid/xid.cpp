// SPDX-License-Identifier: Apache-2.0
// NVIDIA Xid: which GPUs the driver has reported errors of, and what is open of them.
#include <algorithm>
#include <map>

#include "components/component.h"
#include "components/findings.h"
#include "components/nvidia/xid/catalog.h"
#include "components/nvidia/xid/xid_line.h"
#include "platform/text.h"
#include "sources/procfs/modules.h"
#include "sources/sysfs/pci.h"

namespace gpud::nvidia_xid {
namespace {

constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia",
                                      "accelerator-nvidia-error-xid"};
constexpr const SourceType* kNeeds[] = {&sysfs::kPci, &procfs::kModules};
constexpr MetricType kMetrics[] = {
    {"accelerator_nvidia_xid_errors_total",
     "Xid reports since boot or since set-healthy, by uuid (or PCI address) and xid",
     MetricKind::kCounter},
};

/// What is known of one code of one device.
struct Fault {
  bool open = false;
  bool injected = true;  ///< every report since it was opened
  EventType type = EventType::kWarning;
  RepairAction action = RepairAction::kIgnore;
  int reboots = 0;  ///< since it was first seen
};
struct Key {
  std::string device;
  std::uint32_t code = 0;
  auto operator<=>(const Key&) const = default;
};
using Faults = std::map<Key, Fault>;

std::optional<Key> KeyOf(const Event& event) {
  if (event.name != "error_xid") return std::nullopt;
  const auto device = event.extra_info.find("device");
  const auto xid = event.extra_info.find("xid");
  if (device == event.extra_info.end() || xid == event.extra_info.end()) return std::nullopt;
  const auto code = ParseNumber<std::uint32_t>(xid->second);
  if (!code) return std::nullopt;
  return Key{device->second, *code};
}

void OnXid(Faults& faults, const Key& key, const Event& event) {
  Fault& fault = faults[key];
  fault.injected = (fault.injected || !fault.open) && event.origin == Origin::kInjected;
  fault.open = true;
  fault.type = event.type;
  if (const XidRow* row = FindXid(key.code)) {
    fault.action = row->action;
    if (row->action == RepairAction::kReboot && fault.reboots >= row->reboots) {
      fault.action = RepairAction::kInspectHardware;
    }
  }
}

void OnReboot(Faults& faults) {
  for (auto& [key, fault] : faults) {
    ++fault.reboots;
    if (fault.action != RepairAction::kInspectHardware) fault.open = false;
  }
}

/// Lives through the look-back, oldest first.
Faults Replay(const Inputs& in) {
  Faults faults;
  auto events = in.OwnEvents().rbegin();
  auto reboots = in.Reboots().rbegin();
  while (events != in.OwnEvents().rend() || reboots != in.Reboots().rend()) {
    const bool reboot_is_next = events == in.OwnEvents().rend() ||
                                (reboots != in.Reboots().rend() && *reboots <= events->time);
    if (reboot_is_next) {
      OnReboot(faults);
      ++reboots;
    } else {
      if (const auto key = KeyOf(*events)) OnXid(faults, *key, *events);
      ++events;
    }
  }
  return faults;
}

void AddCounts(const Inputs& in, Report& report) {
  // From the start of the machine, as counters begin anew then: a count over a sliding look-back
  // would fall without having been reset.
  const WallTime booted = in.Now() - in.BootNow().time_since_epoch();
  std::map<Key, int> counts;
  for (const Event& event : in.OwnEvents()) {
    const auto key = KeyOf(event);
    if (key && event.time >= booted) ++counts[*key];
  }
  for (const auto& [key, count] : counts) {
    report.samples.push_back({.metric = "accelerator_nvidia_xid_errors_total",
                              .labels = {{"uuid", key.device}, {"xid", std::to_string(key.code)}},
                              .value = static_cast<double>(count)});
  }
}

Report Check(const Inputs& in) {
  Report report;
  Findings findings;
  for (const auto& [key, fault] : Replay(in)) {
    // An open warning is history, not health, and so is its advice.
    if (!fault.open || (fault.type != EventType::kFatal && fault.type != EventType::kCritical)) {
      continue;
    }
    findings.Add(fault.type == EventType::kFatal ? Health::kUnhealthy : Health::kDegraded,
                 "Xid " + std::to_string(key.code) + " on " + key.device +
                     std::string(fault.injected ? kInjectedMark : ""),
                 fault.action);
  }
  report.states.push_back(findings.ToState("error_xid", "no open Xid"));
  AddCounts(in, report);
  return report;
}

Support IsSupported(const Inputs& in) {
  const auto& pci = in.Latest<sysfs::PciDevices>();
  if (pci && std::any_of(pci->devices.begin(), pci->devices.end(), [](const auto& device) {
        return device.vendor == sysfs::kNvidiaVendor;
      })) {
    return {};
  }
  const auto& modules = in.Latest<procfs::Modules>();
  if (modules && modules->Has("nvidia")) return {};
  if (std::any_of(in.OwnEvents().begin(), in.OwnEvents().end(),
                  [](const Event& event) { return KeyOf(event).has_value(); })) {
    return {};
  }
  return {false, "no NVIDIA device on the PCI bus, module nvidia not loaded, no Xid in the log"};
}

}  // namespace

extern constinit const ComponentType kType{
    .name = "accelerator-nvidia-error-xid",
    .tags = kTags,
    .needs = kNeeds,
    .needles = kNeedles,
    .metrics = kMetrics,
    .period = std::chrono::seconds(30),
    .clearable = true,
    .supported = IsSupported,
    .check = Check,
    .create_matcher = []() -> std::unique_ptr<LineMatcher> {
      return std::make_unique<XidMatcher>();
    },
};

}  // namespace gpud::nvidia_xid
