// SPDX-License-Identifier: Apache-2.0
// NVIDIA driver: what keeps the kernel module from driving a GPU.
#include <set>
#include <string>

#include "components/fault_history.h"
#include "components/line_table.h"
#include "components/vendor_support.h"

namespace gpud::nvidia_driver {
namespace {

constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia", "accelerator-nvidia-driver"};
constexpr auto kCritical = EventType::kCritical;

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
     .code = "version_mismatch",
     .severity = kCritical,
     .action = Advice::kRebootSystem,
     .follow_up = Advice::kUpdateDriver},
    {.needle = "NVRM: ",
     .form = "API mismatch: the client <client:*>",
     .code = "version_mismatch",
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
  if (fault.code == "version_mismatch") {
    return "the driver's library and its kernel module are of different versions";
  }
  return "the driver could not initialise the GPU";
}

Report Check(const Inputs& in) {
  return {.states = {FaultState(in, "accelerator-nvidia-driver",
                                "the driver has told of no fault of its own", NameOf)}};
}

}  // namespace

extern constinit const ComponentType kType{
    .name = "accelerator-nvidia-driver",
    .tags = kTags,
    .needs = kVendorNeeds,
    .needles = kNeedles,
    .clearable = true,
    .supported = [](const Inputs& in) { return VendorSupport(in, kNvidia, "driver fault"); },
    .check = Check,
    .create_matcher = []() -> std::unique_ptr<LineMatcher> { return std::make_unique<Matcher>(); },
};

}  // namespace gpud::nvidia_driver
