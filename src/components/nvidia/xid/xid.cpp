// SPDX-License-Identifier: Apache-2.0
// NVIDIA Xid: which GPUs the driver has reported errors of, and what is open of them.
#include <map>

#include "components/fault_history.h"
#include "components/nvidia/gpu_report.h"
#include "components/nvidia/xid/xid_matcher.h"
#include "components/settings.h"
#include "components/vendor_support.h"
#include "platform/text.h"

namespace gpud::nvidia_xid {
namespace {

constexpr std::string_view kName = "accelerator-nvidia-error-xid";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia", kName};
constexpr const SourceType* kNeeds[] = {&sysfs::kPci, &procfs::kModules, &nvml::kDevices};
constexpr MetricType kMetrics[] = {
    {"accelerator_nvidia_xid_errors_total",
     "Xid reports since boot or since set-healthy, by uuid (or PCI address) and xid",
     MetricKind::kCounter},
};

bool IsXid(const Event& event) {
  return event.name == "error_xid" && !FactOf(event, "xid").empty();
}

/// The UUID as the driver tells it, or as the log told it, or else the address.
std::string UuidOf(const Event& event, const nvml::Devices* devices) {
  const std::string_view device = FactOf(event, kFactDevice);
  const auto* gpu = nvidia::FindGpu(devices, device);
  if (gpu && !gpu->uuid.empty()) return gpu->uuid;
  const std::string_view told = FactOf(event, "gpu_uuid");
  return std::string(told.empty() ? device : told);
}

void AddCounts(const Inputs& in, const nvml::Devices* devices, Report& report) {
  // From the start of the machine, as counters begin anew then: a count over a sliding look-back
  // would fall without having been reset.
  const WallTime booted = in.Now() - in.BootNow().time_since_epoch();
  std::map<std::pair<std::string, std::string>, double> counts;
  for (const Event& event : in.OwnEvents()) {
    if (!IsXid(event) || event.time < booted) continue;
    counts[{UuidOf(event, devices), std::string(FactOf(event, "xid"))}] +=
        ParseNumber<double>(FactOf(event, kFactCount)).value_or(1);
  }
  for (const auto& [key, count] : counts) {
    report.samples.push_back({.metric = "accelerator_nvidia_xid_errors_total",
                              .labels = {{"uuid", key.first}, {"xid", key.second}},
                              .value = count});
  }
}

std::string NameOf(const Fault& fault) { return "Xid " + fault.code; }

struct Override {
  int reboots = 2;
  static constexpr auto Fields() {
    return std::tuple{Field{"rebootThreshold", &Override::reboots}};
  }
};
/// After how many vain reboots an inspection is asked for.
struct Thresholds {
  int reboots = 2;
  std::map<std::string, Override> overrides;  ///< by code
  static constexpr auto Fields() {
    using T = Thresholds;
    return std::tuple{Field{"rebootThreshold", &T::reboots}, Field{"overrides", &T::overrides}};
  }
};

const nvml::Devices* DevicesOf(const Inputs& in) {
  const auto& devices = in.Latest<nvml::Devices>();
  return devices ? &*devices : nullptr;
}

/// What another component sees better: whether rows wait to be remapped, or could not be, is told
/// by remapped-rows of GPUs that remap rows.
bool IsToldElsewhere(const Fault& fault, const nvml::Devices* devices) {
  if (fault.code != "63" && fault.code != "64") return false;
  const auto* gpu = nvidia::FindGpu(devices, fault.device);
  return gpu && gpu->remapped_rows;
}

/// The driver's own word on how to recover a GPU (154) is the last on what to do about its faults,
/// where they ask for a reset or a reboot.
std::vector<Fault> OpenXids(const Inputs& in, const nvml::Devices* devices) {
  const auto thresholds = SettingsOf<Thresholds>(in, kName);
  std::map<std::string, int> reboots_of;
  for (const auto& [code, own] : thresholds.overrides) reboots_of[code] = own.reboots;
  std::vector<Fault> faults = OpenFaults(
      in,
      {.newest_counts = "154", .vain_reboots = thresholds.reboots, .vain_reboots_of = &reboots_of});
  std::erase_if(faults, [&](const Fault& fault) { return IsToldElsewhere(fault, devices); });
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
  const nvml::Devices* devices = DevicesOf(in);
  std::vector<Fault> faults = OpenXids(in, devices);
  nvidia::NameGpus(in, faults);
  AddFaults(faults, NameOf, findings);
  report.states.push_back(findings.ToState("error_xid", "no open Xid"));
  AddCounts(in, devices, report);
  return report;
}

Support IsSupported(const Inputs& in) { return VendorSupport(in, kNvidia, "Xid"); }

}  // namespace

extern constinit const ComponentType kType{
    .name = kName,
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
