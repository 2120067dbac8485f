// SPDX-License-Identifier: Apache-2.0
// NVIDIA NVLink: links between GPUs, as far as the driver's lines without an Xid tell of them.
#include "components/fault_history.h"
#include "components/line_table.h"
#include "components/vendor_support.h"

namespace gpud::nvidia_nvlink {
namespace {

constexpr std::string_view kTags[] = {"accelerator", "gpu", "nvidia", "accelerator-nvidia-nvlink"};

// kernel_nvlink*.c of the open kernel modules.
constexpr LineRule kRules[] = {
    {.needle = "knvlink",
     .form = "knvlinkUpdatePostRxDetectLinkMask<*>: Failed to update Rx Detect Link mask",
     .code = "post_rx_detect_failure",
     .severity = EventType::kCritical,
     .action = Advice::kResetGpu,
     .follow_up = Advice::kRebootSystem,
     .event = "nvlink_post_rx_detect_failure"},
    {.needle = "knvlink",
     .form = "knvlinkDiscoverPostRxDetLinks<*>: Getting peer<*> postRxDetLinkMask failed",
     .code = "post_rx_detect_failure",
     .severity = EventType::kCritical,
     .action = Advice::kResetGpu,
     .follow_up = Advice::kRebootSystem,
     .event = "nvlink_post_rx_detect_failure"},
};
constexpr auto kNeedles = NeedlesOf(kRules);

std::string NameOf(const Fault&) { return "the driver could not detect the NVLinks of all peers"; }

Report Check(const Inputs& in) {
  return {.states = {FaultState(in, "accelerator-nvidia-nvlink",
                                "the driver has told of no NVLink fault", NameOf)}};
}

}  // namespace

extern constinit const ComponentType kType{
    .name = "accelerator-nvidia-nvlink",
    .tags = kTags,
    .needs = kVendorNeeds,
    .needles = kNeedles,
    .clearable = true,
    .supported = [](const Inputs& in) { return VendorSupport(in, kNvidia, "NVLink fault"); },
    .check = Check,
    .create_matcher = [] { return TableMatcher("nvlink", kRules); },
};

}  // namespace gpud::nvidia_nvlink
