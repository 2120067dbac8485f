// SPDX-License-Identifier: Apache-2.0
// NVIDIA Xid: which GPUs the driver has reported errors of, and what is open of them.
#include <map>

#include "components/fault_history.h"
#include "components/nvidia/xid/xid_matcher.h"
#include "components/vendor_support.h"
#include "platform/text.h"

namespace gpud::nvidia_xid {
namespace {

constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia",
                                      "accelerator-nvidia-error-xid"};
constexpr MetricType kMetrics[] = {
    {"accelerator_nvidia_xid_errors_total",
     "Xid reports since boot or since set-healthy, by uuid (or PCI address) and xid",
     MetricKind::kCounter},
};

std::string FactOf(const Event& event, std::string_view name) {
  const auto fact = event.extra_info.find(std::string(name));
  return fact == event.extra_info.end() ? std::string() : fact->second;
}

bool IsXid(const Event& event) {
  return event.name == "error_xid" && !FactOf(event, "xid").empty();
}

void AddCounts(const Inputs& in, Report& report) {
  // From the start of the machine, as counters begin anew then: a count over a sliding look-back
  // would fall without having been reset.
  const WallTime booted = in.Now() - in.BootNow().time_since_epoch();
  std::map<std::pair<std::string, std::string>, double> counts;
  for (const Event& event : in.OwnEvents()) {
    if (!IsXid(event) || event.time < booted) continue;
    const std::string uuid = FactOf(event, "gpu_uuid");
    counts[{uuid.empty() ? FactOf(event, kFactDevice) : uuid, FactOf(event, "xid")}] +=
        ParseNumber<double>(FactOf(event, kFactCount)).value_or(1);
  }
  for (const auto& [key, count] : counts) {
    report.samples.push_back({.metric = "accelerator_nvidia_xid_errors_total",
                              .labels = {{"uuid", key.first}, {"xid", key.second}},
                              .value = count});
  }
}

std::string NameOf(const Fault& fault) { return "Xid " + fault.code; }

/// The driver's own word on how to recover a GPU (154) is the last on what to do about its faults,
/// where they ask for a reset or a reboot.
std::vector<Fault> OpenXids(const Inputs& in) {
  std::vector<Fault> faults = OpenFaults(in, {.newest_counts = "154"});
  for (const Fault& word : faults) {
    if (word.code != "154") continue;
    for (Fault& fault : faults) {
      const bool resets = ToRepairAction(fault.action) == RepairAction::kReboot;
      if (fault.device != word.device || fault.code == "154" || !resets) continue;
      fault.action = word.action;
      if (fault.rule.empty()) fault.rule = "Xid 154 tells what to do";
    }
  }
  return faults;
}

Report Check(const Inputs& in) {
  Report report;
  Findings findings;
  AddFaults(OpenXids(in), NameOf, findings);
  report.states.push_back(findings.ToState("error_xid", "no open Xid"));
  AddCounts(in, report);
  return report;
}

Support IsSupported(const Inputs& in) { return VendorSupport(in, kNvidia, "Xid"); }

}  // namespace

extern constinit const ComponentType kType{
    .name = "accelerator-nvidia-error-xid",
    .tags = kTags,
    .needs = kVendorNeeds,
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
