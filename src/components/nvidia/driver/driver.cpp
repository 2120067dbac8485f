// SPDX-License-Identifier: Apache-2.0
// NVIDIA driver: what keeps the kernel module from driving a GPU, whether the library fits it, and
// which versions of both and of the toolkit there are.
#include <set>
#include <string>

#include "components/fault_history.h"
#include "components/line_table.h"
#include "components/nvidia/gpu_report.h"
#include "components/vendor_support.h"
#include "platform/json.h"
#include "platform/text.h"
#include "sources/nvidia/software.h"
#include "sources/nvml/devices.h"

namespace gpud::nvidia_driver {
namespace {

constexpr std::string_view kName = "accelerator-nvidia-driver";
constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia", kName};
constexpr const SourceType* kNeeds[] = {&sysfs::kPci, &procfs::kModules, &nvml::kDevices,
                                        &nvidia::kSoftware};
constexpr MetricType kMetrics[] = {
    {"accelerator_nvidia_driver_info", "1, with the versions as labels"},
};
constexpr auto kCritical = EventType::kCritical;

constexpr std::string_view kVersionMismatch = "version_mismatch";
constexpr std::string_view kProbeFailed = "probe_failed";

// nv.c, osinit.c and nv-pci.c of the open kernel modules.
constexpr LineRule kRules[] = {
    {.needle = "NVRM: ",
     .form = "GPU <device:pci>: RmInitAdapter failed",
     .code = "rm_init_failed",
     .severity = kCritical,
     .action = Advice::kRebootSystem,
     .follow_up = Advice::kHardwareInspection},
    {.needle = "NVRM: ",
     .form = "GPU <device:pci>: rm_init_adapter failed",
     .code = "rm_init_failed",
     .severity = kCritical,
     .action = Advice::kRebootSystem,
     .follow_up = Advice::kHardwareInspection},
    {.needle = "NVRM: ",
     .form = "NVRM: RmInitAdapter failed",
     .code = "rm_init_failed",
     .severity = kCritical,
     .action = Advice::kRebootSystem,
     .follow_up = Advice::kHardwareInspection},
    {.needle = "NVRM: ",
     .form = "NVRM: rm_init_adapter failed",
     .code = "rm_init_failed",
     .severity = kCritical,
     .action = Advice::kRebootSystem,
     .follow_up = Advice::kHardwareInspection},
    {.needle = "NVRM: ",
     .form = "NVRM: rm_init_adapter(<minor:n>) failed",
     .code = "rm_init_failed",
     .severity = kCritical,
     .action = Advice::kRebootSystem,
     .follow_up = Advice::kHardwareInspection},
    {.needle = "NVRM: ",
     .form = "API mismatch: the client has the version <client:w>",
     .code = kVersionMismatch,
     .severity = kCritical,
     .action = Advice::kRebootSystem,
     .follow_up = Advice::kUpdateDriver},
    {.needle = "NVRM: ",
     .form = "API mismatch: the client <client:*>",
     .code = kVersionMismatch,
     .severity = kCritical,
     .action = Advice::kRebootSystem,
     .follow_up = Advice::kUpdateDriver},
    {.needle = "NVRM: ",
     .form = "The NVIDIA probe routine failed for <devices:n> device",
     .code = kProbeFailed,
     .severity = kCritical,
     .action = Advice::kRebootSystem,
     .follow_up = Advice::kHardwareInspection},
    {.needle = "NVRM: ",
     .form = "None of the NVIDIA <kind:*> were initialized",
     .code = kProbeFailed,
     .severity = kCritical,
     .action = Advice::kRebootSystem,
     .follow_up = Advice::kHardwareInspection},
    {.needle = "probe ",
     .form = "nvidia <device:pci>: probe with driver nvidia failed with error <error:n>",
     .code = kProbeFailed,
     .severity = kCritical,
     .action = Advice::kRebootSystem,
     .follow_up = Advice::kHardwareInspection},
    {.needle = "probe ",
     .form = "nvidia: probe of <device:pci> failed with error <error:n>",
     .code = kProbeFailed,
     .severity = kCritical,
     .action = Advice::kRebootSystem,
     .follow_up = Advice::kHardwareInspection},
};
constexpr std::string_view kNeedles[] = {"RmInitAdapter failed",
                                         "NVRM: rm_init_adapter",
                                         "rm_init_adapter failed",
                                         "NVRM: API mismatch",
                                         "The NVIDIA probe routine failed",
                                         "None of the NVIDIA ",
                                         "probe with driver nvidia failed",
                                         "nvidia: probe of ",
                                         "fallen off the bus"};

class Matcher final : public LineMatcher {
 public:
  void OnLine(const KernelLine& line, LineSink& sink) override {
    // A GPU off the bus cannot be probed: that is the Xid component's to tell.
    if (line.text.find("fallen off the bus") != std::string_view::npos) {
      LineFields fields;
      const bool named = MatchForm("GPU <device:pci>", line.text, fields) ||
                         MatchForm("GPU at <device:pci>", line.text, fields);
      if (named && lost_.size() < kMostGpus) {
        lost_.insert(PciAddress(fields["device"]));
      }
      return;
    }
    LineFinding finding = FindInTable("driver", kRules, line);
    if (finding.code.empty()) return;
    if (finding.code == kProbeFailed && lost_.count(finding.device) > 0) return;
    sink.Add(std::move(finding));
  }

 private:
  static constexpr std::size_t kMostGpus = 64;  // in one machine; bounds what is remembered
  std::set<std::string> lost_;
};

std::string NameOf(const Fault& fault) {
  if (fault.code == kVersionMismatch) {
    return "the driver's library and its kernel module are of different versions";
  }
  return "the driver could not initialise the GPU";
}

std::uint32_t MajorOf(std::string_view version) {
  return ParseNumber<std::uint32_t>(version.substr(0, version.find('.'))).value_or(0);
}

/// The versions of library and driver, or why they are not told.
std::string JudgeLibrary(const Result<nvml::Devices>& devices, Findings& findings) {
  if (devices || devices.error().code == ErrorCode::kUnsupported) return {};
  if (devices.error().sys == nvml::kVersionMismatch) {
    findings.Add(Health::kUnhealthy,
                 "the driver's library and its kernel module are of different versions",
                 Advice::kRebootSystem);
  } else {
    findings.Add(Health::kUnknown, "the driver does not answer");
  }
  return devices.error().what;
}

Report Check(const Inputs& in) {
  Report report;
  Findings findings;
  const auto& devices = in.Latest<nvml::Devices>();
  std::vector<Fault> faults = OpenFaults(in);
  if (!devices && devices.error().sys == nvml::kVersionMismatch) {  // is told below
    std::erase_if(faults, [](const Fault& fault) { return fault.code == kVersionMismatch; });
  }
  nvidia::NameGpus(in, faults);
  AddFaults(faults, NameOf, findings);
  const std::string error = JudgeLibrary(devices, findings);
  std::string good = "the driver has told of no fault of its own";
  Json::Object data;
  const auto add = [&](const char* name, const std::string& version) {
    if (!version.empty()) data.emplace_back(name, Json{version});
  };
  if (devices) {
    add("driver_version", devices->session.driver_version);
    add("nvml_version", devices->session.nvml_version);
    add("cuda_version", devices->session.cuda_version);
    report.samples.push_back({.metric = std::string(kMetrics[0].name),
                              .labels = {{"driver_version", devices->session.driver_version},
                                         {"cuda_version", devices->session.cuda_version}},
                              .value = 1});
  }
  if (const auto& software = in.Latest<nvidia::Software>()) {
    add("module_version", software->module_version.value_or(""));
    add("toolkit_version", software->toolkit_version.value_or(""));
    // Such programs run only with NVIDIA's package for forward compatibility.
    if (devices && software->toolkit_version &&
        MajorOf(*software->toolkit_version) > MajorOf(devices->session.cuda_version)) {
      good += "; the CUDA toolkit is newer than the driver";
    }
  }
  report.states.push_back(findings.ToState(kName, good));
  report.states.front().error = error;
  if (!data.empty()) {
    report.states.front().extra_info["data"] = JsonText(Json{std::move(data)});
  }
  return report;
}

}  // namespace

extern constinit const ComponentType kType{
    .name = kName,
    .tags = kTags,
    .needs = kNeeds,
    .needles = kNeedles,
    .metrics = kMetrics,
    .clearable = true,
    .supported = [](const Inputs& in) { return VendorSupport(in, kNvidia, "driver fault"); },
    .check = Check,
    .create_matcher = []() -> std::unique_ptr<LineMatcher> { return std::make_unique<Matcher>(); },
};

}  // namespace gpud::nvidia_driver
